/** What an edge isolate has of a ruleset's life: measured by `scripts/check-bundles.ts`. */
export { createRulesetCache } from '#ruleset/cache';
export { offerDelta } from '#ruleset/offer-delta';
export { createWebCrypto } from '#ruleset/web-crypto';
export * from './core-and-reader.ts';
