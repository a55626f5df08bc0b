/** What a relay serves from, whoever fills it: home's stream, the disk, or a test. */
import type { RulesetCache } from '#ruleset/cache';

export type HeldCache = Pick<RulesetCache, 'current' | 'status'>;

export interface Held {
  readonly environment: string;
  readonly rulesets: HeldCache;
  /** The keys document. */
  readonly keys: HeldCache;
  /** The lowest version in force anywhere, as home last said; 0 before it did. */
  floor(): number;
}
