/** The last rulesets that were in force: what deltas are made on, and what is fetched by its digest. */
import type { Edition } from '#http/edition-events';
import { positionOf } from '#ruleset/position';
import type { VerifiedRuleset } from '#ruleset/verify';
import { MAX_RULESET } from '#schema/limits';

export interface KeptEditions {
  keep(edition: Edition): void;
  /** Undefined where lines of that digest are not, or no more, kept. */
  linesOf(digest: string): string | undefined;
}

/** Whoever was away for longer than so many changes is told of the whole. */
const MAX_KEPT = 32;
/** All together, but for the one in force. */
const MAX_LENGTH = 3 * MAX_RULESET;

export function createKeptEditions(): KeptEditions {
  /** By digest, the newest last. */
  const kept = new Map<string, string>();

  return {
    keep({ digest, lines }) {
      kept.delete(digest);
      kept.set(digest, lines);
      let length = [...kept.values()].reduce((sum, one) => sum + one.length, 0);
      for (const [oldest, text] of kept) {
        if (oldest === digest || (kept.size <= MAX_KEPT && length <= MAX_LENGTH)) break;
        kept.delete(oldest);
        length -= text.length;
      }
    },
    linesOf: (digest) => kept.get(digest),
  };
}

export const editionOf = ({ claims, header, reader }: VerifiedRuleset): Edition => ({
  ...positionOf(claims),
  header,
  lines: reader.lines,
});
