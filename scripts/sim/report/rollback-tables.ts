/** Tables of false rollbacks. */
import { rampName, USUAL, WEATHERS } from '../false-rollbacks.ts';
import { MUCH, MUCH_EFFECTS, MUCH_PERCENTS, muchFailingName } from '../much-failing.ts';
import type { NullCell, NullFigures } from '../null-ramp.ts';
import { BASES, DELAYS, TRAFFICS } from '../part.ts';
import { LIMIT, PEER_NAMES, PEERS } from '../peers.ts';
import { POINT_PLACES, pointName } from '../points.ts';
import type { Results } from '../results.ts';
import { COUNTINGS, UNITS_NAME } from '../units.ts';
import { markdownTable, percent, placeTitle, smallPercent } from './markdown-table.ts';

const rate = (figures: NullFigures | undefined): string =>
  figures === undefined ? '-' : `${smallPercent(figures.ours / figures.runs)} (${smallPercent(figures.upper)})`;

/** Of flags exactly at the limit. */
const LIMIT_DELAYS = DELAYS.filter((delay) => delay <= USUAL.delay);

/** Harmless, by delay; and at the limit itself. */
export function rollbackGrid({ ramps }: Results): string {
  const rows = TRAFFICS.flatMap((traffic) =>
    BASES.map((base) => {
      const at = (delay: number, effect: number) =>
        ramps.get(rampName({ traffic, base, delay, effect, weather: 'all' }));
      return [
        placeTitle({ traffic, base }),
        ...DELAYS.map((delay) => rate(at(delay, 1))),
        ...LIMIT_DELAYS.map((delay) => rate(at(delay, LIMIT))),
      ];
    }),
  );
  return markdownTable(
    [
      'users, errors',
      ...DELAYS.map((delay) => `delay ${delay} s`),
      ...LIMIT_DELAYS.map((delay) => `exactly 1.10x, ${delay} s`),
    ],
    rows,
  );
}

export function weatherTable({ ramps }: Results): string {
  const row = (title: string, cell: NullCell): string[] => {
    const figures = ramps.get(rampName(cell));
    if (figures === undefined) return [title];
    const peers = [...PEERS, 'pooled'] as const;
    return [
      title,
      percent(figures.ours / figures.runs),
      ...peers.map((peer) => percent(figures.peers[peer] / figures.runs)),
    ];
  };
  const head = [
    'what happens to both arms',
    'Lockstep',
    ...PEERS.map((peer) => PEER_NAMES[peer]),
    'the YAML, stages pooled',
  ];
  const titles = {
    calm: 'nothing',
    drift: 'the hour of the day',
    spike: 'five minutes of 5x the errors',
    region: 'a region is missing for five minutes',
    late: 'a tenth is told up to two minutes late',
    all: 'all of it',
  };
  return markdownTable(
    head,
    [...WEATHERS, 'all' as const].map((weather) => row(titles[weather], { ...USUAL, effect: 1, weather })),
  );
}

export function muchFailingTable({ muchFailing }: Results): string {
  const rows = MUCH_PERCENTS.flatMap((stage) =>
    MUCH.flatMap((base) =>
      MUCH_EFFECTS.map((effect) => {
        const title = `${effect === 1 ? 'harmless' : 'exactly 1.10x'} at ${stage} %, ${base * 100} % fail`;
        const figures = muchFailing.get(muchFailingName({ percent: stage, base, effect }));
        if (figures === undefined) return [title];
        const { runs, rolledBack, upper } = figures;
        const own = `${smallPercent(rolledBack.ours / runs)} (${smallPercent(upper)})`;
        return [title, own, percent(rolledBack.msprt / runs), percent(rolledBack.sequence / runs)];
      }),
    ),
  );
  return markdownTable(['flag', 'Lockstep', PEER_NAMES.msprt, PEER_NAMES.sequence], rows);
}

export function unitTable({ units }: Results): string {
  const figures = units.get(UNITS_NAME);
  if (figures === undefined) return '';
  const titles = {
    units: 'first errors of units, deduplicated (what Lockstep does)',
    errors: 'error events',
    events: 'error events, 5 % of them told twice',
  };
  return markdownTable(
    ['counted', 'rolled back'],
    COUNTINGS.map((counting) => [titles[counting], percent(figures.rolledBack[counting] / figures.runs)]),
  );
}

export function pointTable({ points }: Results): string {
  const part = (name: string): string => {
    const figures = points.get(name);
    return figures === undefined ? '-' : percent(figures.rolledBack / figures.runs);
  };
  const rows = POINT_PLACES.map((place) => [placeTitle(place), part(pointName(place, 1)), part(pointName(place, 4))]);
  return markdownTable(['users, errors', 'harmless flag rolled back', '4x the errors rolled back'], rows);
}
