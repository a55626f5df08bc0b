/** The charts of `docs/guardrails.md`, by file. */
import { looksName } from '../detection.ts';
import { rampName, USUAL } from '../false-rollbacks.ts';
import { gateName } from '../gates.ts';
import { RAMP } from '../null-ramp.ts';
import { DELAYS } from '../part.ts';
import { PEER_NAMES, PEERS } from '../peers.ts';
import type { Results } from '../results.ts';
import { type Bar, type BarGroup, barChart } from './bar-chart.ts';
import { percent, seconds, smallPercent } from './markdown-table.ts';

const PLACE = '50 users/s, 2 % errors';

export const chartsOf = (results: Results): readonly (readonly [file: string, svg: string])[] => [
  ['false-rollbacks.svg', falseRollbacks(results)],
  ['detection.svg', detection(results)],
  ['gate.svg', gate(results)],
];

function falseRollbacks({ ramps }: Results): string {
  const groups = (['calm', 'spike', 'all'] as const).map((weather): BarGroup => {
    const figures = ramps.get(rampName({ ...USUAL, effect: 1, weather }));
    const bar = (label: string, hits: number | undefined, tone: Bar['tone']): Bar => {
      const value = (hits ?? 0) / (figures?.runs ?? 1);
      return { label, value, text: value < 0.01 ? smallPercent(value) : percent(value), tone };
    };
    const titles = {
      calm: 'calm',
      spike: 'five minutes of 5x the errors in both arms',
      all: 'drift, spike, a region missing, late telemetry',
    };
    return {
      title: titles[weather],
      bars: [
        bar('Lockstep', figures?.ours, 0),
        ...PEERS.map((peer) => bar(PEER_NAMES[peer], figures?.peers[peer], peer === 'literal' ? 3 : 1)),
      ],
    };
  });
  return barChart({
    title: 'How often a harmless flag is rolled back',
    subtitle: `Whole ramps of 100 minutes, a look every 10 s; ${PLACE}, outcomes a minute late`,
    groups,
    from: 0,
    to: 1,
    mark: { value: 0.01, text: 'alpha = 1 %' },
  });
}

function detection({ detection: found }: Results): string {
  const rules = [
    ['ramp', 'Lockstep', 0],
    ['informed', 'a test that was told the effect', 1],
    ['sequence', PEER_NAMES.sequence, 2],
    ['msprt', PEER_NAMES.msprt, 2],
  ] as const;
  const groups = [4, 2].flatMap((effect) =>
    DELAYS.map((delay): BarGroup => {
      const medians = found.get(looksName({ traffic: 50, base: 0.02, delay }, effect))?.medians;
      const bars = rules.map(([rule, label, tone]): Bar => {
        const value = medians?.[rule] ?? null;
        return { label, value, text: value === null ? 'not in 20 min' : seconds(value), tone };
      });
      return { title: `${effect}x the errors at 5 %, outcomes ${delay === 0 ? 'at once' : `${delay} s late`}`, bars };
    }),
  );
  return barChart({
    title: 'How soon harm is noticed',
    subtitle: `Median of event time, logarithmic; ${PLACE}, alpha 1 %, limit 1.10x`,
    groups,
    from: 10,
    to: 1_200,
  });
}

function gate({ gates }: Results): string {
  const groups = DELAYS.map((delay): BarGroup => {
    const bars = RAMP.slice(0, 4).flatMap((stage): Bar[] => {
      const one = gates.get(gateName({ traffic: 50, base: 0.02, delay }, stage));
      if (one === undefined) return [];
      const bar = (label: string, hits: number, tone: Bar['tone']): Bar => ({
        label,
        value: hits / one.runs,
        text: percent(hits / one.runs),
        tone,
      });
      return [
        bar(`${stage} %, binned by exposure`, one.wronglyPassed, 0),
        bar(`${stage} %, by time of outcome`, one.wronglyPassedByTick, 3),
      ];
    });
    return { title: `outcomes ${delay === 0 ? 'at once' : `${delay} s late`}`, bars };
  });
  return barChart({
    title: 'How often a flag as bad as the bound of its stage passes',
    subtitle: `${PLACE}; the stage before has run with the same effect`,
    groups,
    from: 0,
    to: 1,
    mark: { value: 0.1, text: 'at most 10 %' },
  });
}
