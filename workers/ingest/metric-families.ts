/**
 * What ingest tells monitoring. Of flags, variations and regions the largest have samples of their own, since emitters may make up
 * any number of names. What the others have is a gauge beside them: it falls when one of them has become large enough, which of a
 * counter would say that it began anew.
 */
import type { Measures } from './merge-measures.ts';
import type { MetricFamily, MetricSample } from './metric-family.ts';

const PREFIX = 'lockstep_ingest_';

export function metricFamilies(measures: Measures): readonly MetricFamily[] {
  const { environment, counts, rejected } = measures;
  return [
    gauge('info', 'Of which environment the numbers are; always 1.', [sample(1, { environment })]),
    ...exposureFamilies(measures),
    counter('received_total', 'Exposures and outcomes that were of the form, by what became of them.', [
      ...verdicts('exposures', { ...counts, accepted: counts.total }),
      ...verdicts('outcomes', counts.outcomes),
    ]),
    counter('rejected_total', 'Events that were out of form, each time they were sent.', [sample(rejected)]),
    counter('collapsed_total', 'Exposures of which nothing but their number arrived.', [
      sample(counts.collapsed.total),
    ]),
    ...emitterFamilies(measures),
    ...completenessFamilies(measures),
    ...incidentFamilies(measures),
    ...lagFamilies(measures),
  ];
}

function exposureFamilies({ variations }: Measures): MetricFamily[] {
  return [
    counter(
      'exposures_total',
      'Unique exposures, by flag and variation.',
      variations.named.map(({ flag, variation, count }) => sample(count, { flag, variation })),
    ),
    gauge('exposures_other', 'Unique exposures of variations that are not named apart.', [sample(variations.rest)]),
  ];
}

function emitterFamilies({ counts: { ledgers }, outstanding }: Measures): MetricFamily[] {
  return [
    gauge('emitters', 'Emitters that have said what they had.', [sample(ledgers.emitters)]),
    counter('emitters_evaluated_total', 'Evaluations, by the word of emitters.', [sample(ledgers.evaluated)]),
    counter('emitters_exposed_total', 'Exposures, by the word of emitters.', [sample(ledgers.exposed)]),
    counter('emitters_sent_total', 'Exposures whose emitters know them acknowledged.', [sample(ledgers.sent)]),
    counter('emitters_dropped_total', 'Exposures that their emitters gave up.', [sample(ledgers.dropped)]),
    gauge('emitters_spilled', 'Exposures that lie on the disks of emitters.', [sample(ledgers.spilled)]),
    gauge('emitters_outstanding', 'Exposures that are on their way, or died with their emitter.', [
      sample(outstanding),
    ]),
    gauge('missing_batches', 'Batches that were numbered and did not come.', [sample(ledgers.missing)]),
  ];
}

function completenessFamilies({ completeness: { named, rest }, counts }: Measures): MetricFamily[] {
  const byFlag = (name: 'evaluated' | 'exposed' | 'received' | 'counted'): MetricSample[] =>
    named.map(({ region, flag, [name]: value }) => sample(value, { region, flag }));
  return [
    gauge(
      'flag_completeness_ratio',
      'Exposures received of those that emitters say they had, at most 1; of flags that no ledger tells apart there is none, nor of any while parts wait to be counted.',
      // What waits to be counted is not received yet: the ratio would be too low, and an alarm be raised by nothing but load.
      named.flatMap(({ region, flag, completeness }) =>
        completeness === null || counts.waiting > 0 ? [] : [sample(completeness, { region, flag })],
      ),
    ),
    gauge('flag_evaluated', 'Evaluations, by the word of emitters.', byFlag('evaluated')),
    gauge('flag_exposed', 'Exposures, by the word of emitters.', byFlag('exposed')),
    gauge('flag_received', 'Exposures received, repeats included.', byFlag('received')),
    gauge('flag_counted', 'Unique exposures.', byFlag('counted')),
    gauge('flag_received_other', 'Exposures received of flags and regions that are not named apart.', [sample(rest)]),
  ];
}

function incidentFamilies({ incidents }: Measures): MetricFamily[] {
  return [
    counter(
      'incidents_total',
      'Consistency incidents.',
      incidents.named.map(({ kind, flag, count }) => sample(count, { kind, flag })),
    ),
    gauge('incidents_other', 'Consistency incidents of flags that are not named apart.', [sample(incidents.rest)]),
  ];
}

function lagFamilies({ regions, waiting, aside, counts }: Measures): MetricFamily[] {
  const inSeconds = (name: 'stalenessMs' | 'watermarkLagMs'): MetricSample[] =>
    regions.map(({ region, [name]: ms }) => sample(ms / 1_000, { region }));
  return [
    gauge('region_staleness_seconds', 'Since the region was last heard.', inSeconds('stalenessMs')),
    gauge(
      'region_watermark_lag_seconds',
      "How far the region's numbers are whole, before now.",
      inSeconds('watermarkLagMs'),
    ),
    gauge('waiting_parts', 'Parts that were acknowledged and wait to be counted for rollouts.', [sample(waiting)]),
    gauge('parts_aside', 'Parts that were acknowledged and could not be counted, until they are replayed.', [
      sample(aside),
    ]),
    gauge('last_received_timestamp_seconds', 'When something was last received; 0 where nothing was.', [
      sample((counts.lastReceivedAt ?? 0) / 1_000),
    ]),
  ];
}

const counter = (name: `${string}_total`, help: string, samples: readonly MetricSample[]): MetricFamily => ({
  ...{ name: `${PREFIX}${name}`, help, type: 'counter', samples },
});

const gauge = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
  ...{ name: `${PREFIX}${name}`, help, type: 'gauge', samples },
});

const sample = (value: number, labels: MetricSample['labels'] = {}): MetricSample => ({ labels, value });

const VERDICTS = { accepted: 'accepted', duplicates: 'duplicate', quarantined: 'quarantined' } as const;

const verdicts = (of: string, taken: Readonly<Record<keyof typeof VERDICTS, number>>): MetricSample[] =>
  Object.entries(VERDICTS).map(([name, verdict]) => sample(taken[name as keyof typeof VERDICTS], { of, verdict }));
