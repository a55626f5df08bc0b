/** Seeded random rulesets and contexts, for comparing evaluators with each other. */
export { createRandom, type Random } from './random.ts';
export { hostileContext, randomContext, randomPlace } from './random-context.ts';
export { type Entry, type Ruleset, randomRuleset, withSeeds } from './random-ruleset.ts';
