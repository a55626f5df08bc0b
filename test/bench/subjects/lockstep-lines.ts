/** The flags as Lockstep's ruleset lines: see `docs/evaluation.md`, section 2. */
import { createHash } from 'node:crypto';
import { seedOf } from '#ruleset/write/seeds';
import { COLOURS, type Flag, RULE_IDS, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

/** One line per flag, each ended by a line feed. The flags are in order of key already. */
export const linesOf = (flags: readonly Flag[]): string =>
  flags.map((flag) => `${JSON.stringify(entryOf(flag))}\n`).join('');

const variationId = (value: string): string =>
  createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 6).toString('base64url');

const VARIATIONS = COLOURS.map((colour) => [colour, colour, variationId(colour)]);

function entryOf(flag: Flag): Record<string, unknown> {
  const { key, revision } = flag;
  switch (flag.shape) {
    case 'switch':
      // An off switch is a disabled flag that serves its off variation.
      return flag.on ? { k: key, r: revision, o: 0, f: 1 } : { k: key, r: revision, e: 0, o: 0, f: 1 };
    case 'split':
      return { k: key, r: revision, z: seedOf(flag.salt), o: 0, f: [0, ends([100 - flag.percent, flag.percent])] };
    case 'rules':
      return { k: key, r: revision, v: VARIATIONS, z: seedOf(flag.salt), o: 0, u: rulesOf(flag), f: [0, ends(SHARES)] };
  }
}

function rulesOf(flag: RulesFlag): unknown[] {
  const clauses = [
    ['in', 'plan', [flag.plan]],
    ['in', 'country', flag.countries],
    ['semverGreaterThan', 'appVersion', [flag.versionAbove]],
    ['greaterThan', 'seats', [flag.seatsAbove]],
    ['contains', 'userAgent', [flag.agent]],
  ];
  return clauses.map((clause, index) => [RULE_IDS[index], [clause], RULE_SERVES[index]]);
}

/** Percents by variation as `[index, end, index, end, …]`. */
function ends(percents: readonly number[]): number[] {
  let end = 0;
  return percents.flatMap((percent, index) => {
    end += percent * 1_000;
    return [index, end];
  });
}
