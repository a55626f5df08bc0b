/** Tables of the advance gate. */
import { type GateFigures, gateName } from '../gates.ts';
import { RAMP } from '../null-ramp.ts';
import { BASES, DELAYS, TRAFFICS } from '../part.ts';
import type { Results } from '../results.ts';
import { markdownTable, percent, placeTitle, seconds } from './markdown-table.ts';

const bounds = ['5x', '3x', '2x', '1.5x', '1.5x'];
const head = RAMP.map((stage, at) => `${stage} % (${bounds[at]})`);

/** Of a flag exactly as bad as the stage's bound: the most over the delays. */
export function wrongPassTable({ gates }: Results): string {
  const rows = TRAFFICS.flatMap((traffic) =>
    BASES.map((base) => [
      placeTitle({ traffic, base }),
      ...RAMP.map((stage) => {
        const rates = DELAYS.map((delay) => gates.get(gateName({ traffic, base, delay }, stage)));
        return percent(
          Math.max(...rates.map((one) => (one === undefined ? Number.NaN : one.wronglyPassed / one.runs))),
        );
      }),
    ]),
  );
  return markdownTable(['users, errors', ...head], rows);
}

/** Of a harmless flag, with outcomes a minute late. */
export function rightPassTable({ gates }: Results): string {
  const shown = (one: GateFigures | undefined) => {
    if (one === undefined) return '-';
    return one.median === null ? `(${percent(one.passed)})` : `${seconds(one.median)}, ${percent(one.passed)}`;
  };
  const rows = TRAFFICS.flatMap((traffic) =>
    BASES.map((base) => [
      placeTitle({ traffic, base }),
      ...RAMP.map((stage) => shown(gates.get(gateName({ traffic, base, delay: 60 }, stage)))),
    ]),
  );
  return markdownTable(['users, errors', ...head], rows);
}

/** At 50 users a second and 2 %: with outcomes binned by exposure, and by the look in which they come. */
export function binningTable({ gates }: Results): string {
  const rows = DELAYS.map((delay) => [
    `delay ${delay} s`,
    ...RAMP.map((stage) => {
      const one = gates.get(gateName({ traffic: 50, base: 0.02, delay }, stage));
      return one === undefined
        ? '-'
        : `${percent(one.wronglyPassed / one.runs)} / ${percent(one.wronglyPassedByTick / one.runs)}`;
    }),
  ]);
  return markdownTable(['binned / by look', ...head], rows);
}
