import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Explanation, explain } from '#rollout/machine/explain';
import { rolloutStatistics } from '#schema/rollout-statistics';
import { explanationText } from '../../../../scripts/cli/rollout/explanation-text.ts';
import { foundingIncident } from './fixtures/founding-incident.ts';

const EXAMPLE = readFileSync(new URL('../../../../docs/examples/founding-incident.json', import.meta.url), 'utf8');

interface Told {
  rollout: { guardrails: object[]; [key: string]: unknown };
  attempt?: number;
  looks: { at: number; percent: number; guardrails: { name: string; statistics: Record<string, unknown> }[] }[];
}

function explained(told: object): Explanation {
  const explanation = explain(rolloutStatistics.parse(told));
  if (!explanation.ok) throw new Error(explanation.error);
  return explanation.value;
}

const incident = (looks: number): Told => {
  const told = foundingIncident() as Told;
  return { ...told, looks: told.looks.slice(0, looks) };
};

describe('the stream of the founding incident, four times the errors at 5 %', () => {
  it('is the example that is kept', () => {
    expect(JSON.parse(EXAMPLE)).toEqual(foundingIncident());
  });

  it('is decided within 90 s, with the evidence for it', () => {
    const { guardrails, verdict } = explained(JSON.parse(EXAMPLE));
    const [errors, latency] = guardrails;
    expect(verdict).toBe('FAIL');
    expect(errors).toMatchObject({
      verdict: 'FAIL',
      treatment: { exposures: 433, outcomes: 30 },
      control: { exposures: 8_567, outcomes: 171 },
      tests: [{ limit: 'maxRelativeIncrease', value: 0.1, verdict: { reason: 'evidence-of-harm', threshold: 100 } }],
    });
    const [test] = errors?.tests ?? [];
    expect(test?.verdict.evidence).toBeGreaterThan(100);
    expect(test?.verdict.interval?.low).toBeGreaterThan(1.1);
    expect(((test?.since ?? Number.NaN) - Date.UTC(2026, 10, 30, 9)) / 1_000).toBeLessThanOrEqual(90);
    expect(latency?.verdict).toBe('PASS');
  });

  it('is told in aligned lines', () => {
    const number = String.raw`[\d,.e+-]+`;
    // What the evidence comes to is for the tests of the mathematics.
    const lines = [
      'pricing.fareBundlingV2  stage 2 of 5, 5 %  18 looks, until 2026-11-30T09:03:00.000Z',
      '',
      String.raw`checkout.errors  \(counts\)`,
      '  exposed  30 of 433     6.93 %',
      '  control  171 of 8,567  2 %',
      `  maxRelativeIncrease 10 %  FAIL, evidence-of-harm, since 2026-11-30T09:01:${number}Z`,
      `    estimate                3.47 times control, ${number} to ${number} at every look together`,
      `    harm                    evidence ${number} of the 100 that take it back`,
      `    safety                  evidence ${number} of the 10 that let it go on: that it is below 3 times control`,
      '',
      String.raw`render.p95  \(sketch\)`,
      '  exposed  433 samples',
      '  control  8,567 samples',
      `  maxRelativeIncrease 15 %  PASS, evidence-of-safety, since 2026-11-30T09:0${number}:${number}Z`,
      `    estimate                ${number} times control, ${number} to ${number} at every look together`,
      `    harm                    evidence ${number} of the 100 that take it back`,
      `    safety                  evidence ${number} of the 10 that let it go on: that it is below 3 times control`,
      '',
      'FAIL: what onBreach says is done at once',
    ];
    expect(explanationText(explained(JSON.parse(EXAMPLE)))).toMatch(new RegExp(`^${lines.join('\n')}$`));
  });

  it('before it is decided, tells how long it will take at this traffic', () => {
    const explanation = explained(incident(4));
    const [errors] = explanation.guardrails;
    expect(errors?.verdict).toBe('INCONCLUSIVE');
    expect(errors?.tests[0]?.secondsLeft).toBeGreaterThan(0);
    expect(errors?.tests[0]?.secondsLeft).toBeLessThan(180);
    expect(explanationText(explanation)).toMatch(/to decide +about \d+ s more at this traffic/);
    expect(explanation.verdict).toBe('INCONCLUSIVE');
  });

  it('is found as well by whoever looks once, at its end', () => {
    const told = incident(18);
    expect(explained({ ...told, looks: told.looks.slice(-1) }).verdict).toBe('FAIL');
  });

  it('on a second attempt takes more evidence', () => {
    const evidence = (attempt: number): number =>
      explained({ ...incident(18), attempt }).guardrails[0]?.tests[0]?.verdict.evidence ?? Number.NaN;
    expect(evidence(1)).toBeLessThan(evidence(0) / 30);
    expect(explanationText(explained({ ...incident(18), attempt: 1 }))).toContain('attempt 2');
  });
});

describe('what is not as it should be holds', () => {
  const changed = (change: (told: Told) => void): Explanation => {
    const told = incident(4);
    change(told);
    return explained(told);
  };
  const cellsOf = (told: Told, look: number) =>
    told.looks[look]?.guardrails[0]?.statistics['cells'] as { control: { outcomes: number } }[];

  it('B25: negative, broken and fewer counts, and clocks that go backwards, are unhealthy', () => {
    const broken = [-1, 1.5, 1e300].map((outcomes) =>
      changed((told) => {
        for (const cell of cellsOf(told, 3)) cell.control.outcomes = outcomes;
      }),
    );
    const fewer = changed((told) => {
      for (const cell of cellsOf(told, 3)) cell.control.outcomes = 0;
    });
    const backwards = changed((told) => void told.looks.reverse());
    for (const explanation of [...broken, fewer, backwards]) expect(explanation.verdict).toBe('UNHEALTHY');
  });

  it('B25: what was seen before and is not seen now is no data', () => {
    const gone = changed((told) => void told.looks[3]?.guardrails.splice(0, 2));
    expect(gone.guardrails.map(({ verdict }) => verdict)).toEqual(['NO_DATA', 'NO_DATA']);
  });

  it('B26: no errors in either arm, nobody treated, nobody to compare with', () => {
    const only = (treatment: number[], control: number[]) =>
      changed((told) => {
        const cells = [
          {
            stage: 1,
            revision: 1,
            minute: Date.UTC(2026, 10, 30, 9) / 60_000,
            treatment: { exposures: treatment[0], outcomes: treatment[1] },
            control: { exposures: control[0], outcomes: control[1] },
          },
        ];
        for (const look of told.looks)
          look.guardrails = [{ name: 'checkout.errors', statistics: { source: 'counts', cells } }];
      }).guardrails[0]?.tests[0]?.verdict;
    expect(only([10, 0], [90, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-outcomes' });
    expect(only([0, 0], [90, 5])).toMatchObject({ kind: 'NO_DATA', reason: 'no-treated' });
    expect(only([10, 5], [0, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-control' });
    expect(only([0, 0], [0, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-exposures' });
  });

  it('a sketch of the stage before says nothing of this one', () => {
    const old = changed((told) => {
      for (const { guardrails } of told.looks) (guardrails[1]?.statistics as { stage: number }).stage = 0;
    });
    expect(old.guardrails[1]?.verdict).toBe('NO_DATA');
  });
});

describe('other sources and limits', () => {
  const AT = Date.UTC(2026, 10, 30, 9);
  const counts = (stage: number, outcomes: number, exposures = 10_000) => ({
    source: 'counts',
    cells: [
      {
        stage,
        revision: 1,
        // Long enough ago that no outcome is waited for any more.
        minute: AT / 60_000 - 60,
        treatment: { exposures, outcomes },
        control: { exposures: 0, outcomes: 0 },
      },
    ],
  });
  const told = (guardrails: object[], percent: number, ...looks: (object | undefined)[]): object => ({
    rollout: { flag: 'f', stages: [10, 100], bakeMinutes: 1, guardrails, onBreach: 'hold' },
    looks: looks.map((statistics, at) => ({
      at: AT + at * 10_000,
      percent,
      guardrails: statistics === undefined ? [] : [{ name: 'g', statistics }],
    })),
  });
  const verdictOf = (...args: Parameters<typeof told>) => explained(told(...args)).verdict;

  it('an absolute limit is judged at 100, where a comparison is not', () => {
    const both = [{ name: 'g', metric: 'm', maxRelativeIncrease: 0.1, max: 0.05 }];
    expect(verdictOf(both, 100, counts(1, 100))).toBe('PASS');
    expect(verdictOf(both, 100, counts(1, 900))).toBe('FAIL');
    const compared = explained(told([{ name: 'g', metric: 'm', maxRelativeIncrease: 0.1 }], 100, counts(1, 100)));
    expect(compared.guardrails[0]).toMatchObject({ verdict: 'NO_DATA', tests: [] });
    expect(explanationText(compared)).toContain('nobody is left to compare with');
  });

  it('a minimum fails from below, and each limit spends its part of alpha', () => {
    const least = [{ name: 'g', metric: 'm', min: 0.5 }];
    expect(verdictOf(least, 10, counts(0, 3_000))).toBe('FAIL');
    expect(verdictOf(least, 10, counts(0, 7_000))).toBe('PASS');
    const both = explained(told([{ name: 'g', metric: 'm', min: 0.1, max: 0.5 }], 10, counts(0, 3_000)));
    expect(both.guardrails[0]?.tests.map(({ verdict }) => verdict.threshold)).toEqual([200, 200]);
  });

  it('of points, N of the last M breach', () => {
    const guardrail = [{ name: 'g', prometheus: 'q', max: 900, breachAfter: { ticks: 2, of: 3 } }];
    const point = (look: number, treatment: number | null) => ({
      source: 'point',
      at: AT + look * 10_000,
      treatment,
      control: null,
      samples: 500,
    });
    expect(verdictOf(guardrail, 10, point(0, 800), point(1, 950), point(2, 800))).toBe('INCONCLUSIVE');
    expect(verdictOf(guardrail, 10, point(0, 950), point(1, 800), point(2, 950))).toBe('FAIL');
    expect(verdictOf(guardrail, 10, point(0, 800), point(1, 800), point(2, 800))).toBe('PASS');
    expect(verdictOf(guardrail, 10, point(0, 800), point(1, 800), point(2, null))).toBe('NO_DATA');
    expect(verdictOf(guardrail, 10, undefined)).toBe('NO_DATA');
    expect(explanationText(explained(told(guardrail, 10, point(0, 800))))).toContain(
      'no bound on how often it is wrong',
    );
  });

  it('a monitor says what it says, and nothing when it is silenced or unknown', () => {
    const monitor = [{ name: 'g', datadogMonitor: 'd' }];
    const state = (word: string | null, muted = false) => ({ source: 'state', at: AT, state: word, muted });
    const verdicts = ['OK', 'Alert', 'No Data', 'Bliss', null].map((word) => verdictOf(monitor, 100, state(word)));
    expect(verdicts).toEqual(['PASS', 'FAIL', 'NO_DATA', 'UNHEALTHY', 'NO_DATA']);
    expect(verdictOf(monitor, 100, state('OK', true))).toBe('UNHEALTHY');
  });

  it('what does not fit together is told', () => {
    const misfit = (statistics: object, percent = 10, name = 'g') => {
      const one = told([{ name, metric: 'm', max: 0.5 }], percent, statistics);
      const explanation = explain(rolloutStatistics.parse(one));
      return explanation.ok ? 'fits' : explanation.error;
    };
    expect(misfit(counts(0, 1))).toBe('fits');
    expect(misfit(counts(0, 1), 20)).toBe('looks[0].percent is 20, which is never served: there are 10, 95, 100');
    expect(misfit(counts(0, 1), 10, 'h')).toBe('looks[0] has statistics of "g": there are guardrails h');
    expect(misfit({ source: 'state', at: AT, state: 'OK', muted: false })).toBe(
      'looks[0] has state for "g", which reads counts',
    );
  });
});
