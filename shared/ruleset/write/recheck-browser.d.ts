/** As much of recheck's build for browsers as is used; the package types its main module only, and not `skipRecall`. */
declare module 'recheck/lib/browser.js' {
  interface Parameters {
    readonly checker: 'automaton';
    readonly skipRecall: true;
    readonly timeout: number;
  }

  interface Diagnostics {
    readonly status: 'safe' | 'vulnerable' | 'unknown';
    readonly complexity?:
      | { readonly type: 'safe' | 'linear' | 'exponential' }
      | { readonly type: 'polynomial'; readonly degree: number };
  }

  const recheck: { checkSync(source: string, flags: string, parameters: Parameters): Diagnostics };
  export default recheck;
}
