/** Tables of detection times. */
import { type DetectionFigures, EFFECTS, fineName, LATE_HARMS, looksName, STAGES, USUAL_STAGE } from '../detection.ts';
import { BASES, DELAYS, type Place, placeName, places, TRAFFICS } from '../part.ts';
import type { Results } from '../results.ts';
import { markdownTable, percent, placeTitle, seconds } from './markdown-table.ts';

/** Median and p95; in brackets the part that is noticed within the stage, where that is less than a half. */
export const shown = (figures: DetectionFigures | undefined): string => {
  if (figures === undefined) return '-';
  if (figures.medians.ramp === null) return `(${percent(figures.caught)})`;
  return `${seconds(figures.medians.ramp)}, ${figures.p95 === null ? percent(figures.caught) : seconds(figures.p95)}`;
};

/** At the product's looks of 10 s. */
export function timesTable({ detection }: Results, delay: number): string {
  const rows = TRAFFICS.flatMap((traffic) =>
    BASES.map((base) => {
      const place: Place = { traffic, base, delay };
      return [placeTitle(place), ...EFFECTS.map((effect) => shown(detection.get(looksName(place, effect))))];
    }),
  );
  return markdownTable(['users, errors', ...EFFECTS.map((effect) => `${effect}x`)], rows);
}

export function peerTable({ detection }: Results): string {
  const place = { traffic: 50, base: 0.02 };
  const rows = DELAYS.flatMap((delay) =>
    EFFECTS.map((effect) => {
      const medians = detection.get(looksName({ ...place, delay }, effect))?.medians;
      const cells = (['ramp', 'informed', 'msprt', 'sequence'] as const).map((rule) => seconds(medians?.[rule]));
      return [`${effect}x, delay ${delay} s`, ...cells];
    }),
  );
  return markdownTable(['effect', 'Lockstep', 'informed test', 'mSPRT', 'confidence sequence'], rows);
}

export interface Compared {
  readonly name: string;
  readonly percent: number;
  readonly effect: number;
  readonly place: Place;
  readonly figures: DetectionFigures;
}

/** The cells in which both ours and the informed test have a median within the stage, at fine looks. */
export function comparedCells({ detection }: Results, quick: boolean): readonly Compared[] {
  return places(quick).flatMap((place) =>
    STAGES.flatMap((stage) =>
      EFFECTS.flatMap((effect): Compared[] => {
        const name = fineName(place, stage, effect);
        const figures = detection.get(name);
        if (figures === undefined || figures.medians.ours === null || figures.medians.informed === null) return [];
        return [{ name, percent: stage, effect, place, figures }];
      }),
    ),
  );
}

export const ratioOf = ({ medians }: DetectionFigures, rule: 'ours' | 'ramp'): number | null =>
  medians[rule] === null || medians.informed === null ? null : medians[rule] / medians.informed;

export const PEERS_COMPARED = ['msprt', 'sequence'] as const;

/** Strictly sooner, or at the product's very first look like the peer. */
export function isAhead(
  { medians }: DetectionFigures,
  peer: (typeof PEERS_COMPARED)[number],
  lookSeconds: number,
): boolean {
  const [own, other] = [medians.ours, medians[peer]];
  if (own === null) return false;
  return other === null || other === undefined || own < other || Math.max(own, other) <= lookSeconds;
}

export function speedTable(compared: readonly Compared[], lookSeconds: number): string {
  const rows = STAGES.flatMap((stage) =>
    EFFECTS.map((effect) => {
      const cells = compared.filter((one) => one.percent === stage && one.effect === effect);
      const worst = (rule: 'ours' | 'ramp') =>
        Math.max(...cells.map(({ figures }) => ratioOf(figures, rule) ?? 0)).toFixed(2);
      const ahead = (peer: 'msprt' | 'sequence') =>
        `${cells.filter(({ figures }) => isAhead(figures, peer, lookSeconds)).length} of ${cells.length}`;
      if (cells.length === 0) return [`${effect}x at ${stage} %`, '0', '-', '-', '-', '-'];
      return [
        `${effect}x at ${stage} %`,
        String(cells.length),
        worst('ours'),
        worst('ramp'),
        ahead('msprt'),
        ahead('sequence'),
      ];
    }),
  );
  return markdownTable(
    [
      'effect',
      'cells',
      'worst ratio',
      'worst ratio in a ramp of five',
      'sooner than mSPRT',
      'sooner than the sequence',
    ],
    rows,
  );
}

/** Where a peer is as soon or sooner, with the exact figures. */
export function behindTable(compared: readonly Compared[], lookSeconds: number): string {
  const rows = compared.flatMap(({ percent: stage, effect, place, figures }) => {
    if (PEERS_COMPARED.every((peer) => isAhead(figures, peer, lookSeconds))) return [];
    const { ours, informed, msprt, sequence } = figures.medians;
    return [
      [
        `${effect}x at ${stage} %, ${placeName(place)}`,
        seconds(ours),
        seconds(informed),
        seconds(msprt),
        seconds(sequence),
      ],
    ];
  });
  if (rows.length === 0) return 'None.';
  return markdownTable(['cell', 'Lockstep', 'informed test', 'mSPRT', 'confidence sequence'], rows);
}

export function lateTable({ detection }: Results): string {
  const rows = LATE_HARMS.map(([title]) => {
    const figures = detection.get(`harm, late: ${title}`);
    if (figures === undefined) return [title];
    return [
      title,
      seconds(figures.medians.ramp),
      seconds(figures.p95),
      percent(figures.caught),
      String(figures.treated ?? '-'),
    ];
  });
  return markdownTable(['4x the errors', 'median', 'p95', 'within the stage', 'treated users'], rows);
}

export const HEADLINE = looksName({ traffic: 50, base: 0.02, delay: 0 }, 4);
export { USUAL_STAGE };
