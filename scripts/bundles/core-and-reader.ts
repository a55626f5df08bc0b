/** What a reader needs to verify a ruleset, keep it and evaluate its flags: measured by `scripts/check-bundles.ts`. */
export { createContext } from '#core/context';
export { evaluate, evaluateAll } from '#core/evaluate';
export { readLines } from '#ruleset/reader';
export { verifyRuleset } from '#ruleset/verify';
