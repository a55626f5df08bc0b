/** In the form of a Worker's bindings: `settings.ts` says which there are. */
export const settings: Readonly<Record<string, string>>;
