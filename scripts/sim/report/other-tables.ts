/** Tables of latency, conversion, the sample ratio and blindness. */
import { CONVERSION_STAGES, conversionRampName, DROPS, dropName } from '../conversion.ts';
import { calmLatencyName, LATENCY_FACTORS, LATENCY_TRAFFICS, slowLatencyName } from '../latency.ts';
import type { Results } from '../results.ts';
import { LOSSES, watchName } from '../watch.ts';
import { markdownTable, percent, seconds, smallPercent } from './markdown-table.ts';

export function latencyTable({ latency }: Results): string {
  const calm = LATENCY_TRAFFICS.filter((traffic) => traffic < 500).flatMap((traffic) =>
    [false, true].flatMap((spike) => {
      const one = latency.get(calmLatencyName(traffic, spike));
      if (one === undefined) return [];
      const title = `harmless ramp, ${traffic}/s${spike ? ', five slow minutes in both arms' : ''}`;
      return [[title, `${one.breached} of ${one.runs}`, '-', `${one.byPoint} of ${one.runs}`]];
    }),
  );
  const slow = LATENCY_TRAFFICS.flatMap((traffic) =>
    LATENCY_FACTORS.flatMap((factor) => {
      const one = latency.get(slowLatencyName(traffic, factor));
      return one === undefined
        ? []
        : [[`${factor}x at 5 %, ${traffic}/s`, `${one.breached} of ${one.runs}`, seconds(one.median), '']];
    }),
  );
  return markdownTable(['p95 of the treated arm', 'breached', 'median', 'by points'], [...calm, ...slow]);
}

export function conversionTable({ conversion }: Results): string {
  const ramps = [1, 0.95].flatMap((effect) => {
    const one = conversion.get(conversionRampName(effect));
    if (one === undefined) return [];
    return [
      [
        effect === 1 ? 'harmless ramp' : 'ramp of exactly 0.95x',
        `${smallPercent(one.breached / one.runs)} (${smallPercent(one.upper)}) in all`,
      ],
    ];
  });
  const drops = DROPS.map((drop) => [
    `${drop}x`,
    ...CONVERSION_STAGES.map((stage) => {
      const one = conversion.get(dropName(drop, stage));
      return one === undefined
        ? '-'
        : `${percent(one.breached / one.runs)}${one.median === null ? '' : `, ${seconds(one.median)}`}`;
    }),
  ]);
  return markdownTable(
    ['conversion of the treated arm', ...CONVERSION_STAGES.map((stage) => `at ${stage} %`)],
    [...ramps, ...drops],
  );
}

export function watchTable({ watch }: Results): string {
  const shown = (kind: 'sample ratio' | 'blindness', stage: number, lost: number) => {
    const one = watch.get(watchName(kind, stage, lost));
    if (one === undefined) return '';
    return lost === 0
      ? `${one.held} of ${one.runs}`
      : `${percent(one.held / one.runs)}${one.median === null ? '' : `, ${seconds(one.median)}`}`;
  };
  const rows = LOSSES.map((lost) => [
    lost === 0 ? 'nothing (false holds)' : `${lost * 100} % of the arm's exposures`,
    shown('sample ratio', 5, lost),
    shown('blindness', 5, lost),
    shown('blindness', 1, lost),
  ]);
  return markdownTable(['lost', 'sample ratio at 5 %', 'blindness at 5 %', 'blindness at 1 %'], rows);
}
