/** The last rulesets that were in force: what deltas are made on, and what is fetched by its digest. */
import type { Edition } from '#http/edition-events';
import { positionOf } from '#ruleset/position';
import type { VerifiedRuleset } from '#ruleset/verify';
import { MAX_RULESET } from '#schema/limits';

/** An edition whose lines need not be put together. */
export interface PiecedEdition extends Edition {
  readonly pieces: readonly string[];
}

export interface KeptEditions {
  keep(edition: Pick<PiecedEdition, 'digest' | 'pieces'>): void;
  /** Undefined where lines of that digest are not, or no more, kept. */
  linesOf(digest: string): string | undefined;
}

/** Whoever was away for longer than so many changes is told of the whole. */
const MAX_KEPT = 32;
/** All together, but for the one in force. */
const MAX_LENGTH = 3 * MAX_RULESET;

export function createKeptEditions(): KeptEditions {
  /** By digest, the newest last. Nearly all deltas are passed on as they came: few are ever asked for as one text. */
  const kept = new Map<string, { pieces: readonly string[]; readonly length: number }>();

  return {
    keep({ digest, pieces }) {
      kept.delete(digest);
      kept.set(digest, { pieces, length: pieces.reduce((sum, one) => sum + one.length, 0) });
      let length = [...kept.values()].reduce((sum, one) => sum + one.length, 0);
      for (const [oldest, one] of kept) {
        if (oldest === digest || (kept.size <= MAX_KEPT && length <= MAX_LENGTH)) break;
        kept.delete(oldest);
        length -= one.length;
      }
    },
    linesOf(digest) {
      const found = kept.get(digest);
      if (found === undefined) return undefined;
      const lines = found.pieces.length === 1 ? (found.pieces[0] as string) : found.pieces.join('');
      found.pieces = [lines];
      return lines;
    },
  };
}

export const editionOf = ({ claims, header, reader, delta }: VerifiedRuleset): PiecedEdition => ({
  ...{ ...positionOf(claims), header, delta, pieces: reader.pieces },
  get lines() {
    return reader.lines;
  },
});
