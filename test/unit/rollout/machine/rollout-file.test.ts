import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRolloutFile } from '#rollout/machine/rollout-file';
import { pathText } from '#ruleset/write/yaml-file';
import type { Rollout } from '#schema/rollout';
import { sourceOf } from '#schema/rollout-guardrail';

/** As it is given, word for word. */
const GIVEN = `---                                      # a rollout file, one of its own
rollout:
  flag: pricing.fareBundlingV2
  stages: [1, 5, 25, 50, 100]            # percent
  bakeMinutes: 20
  guardrails:
    - datadogMonitor: checkout.error_rate.cohort
      maxRelativeIncrease: 0.10
    - datadogMonitor: render.p95.cohort
      maxRelativeIncrease: 0.15
  onBreach: rollbackToZero
`;

const LINES = GIVEN.split('\n');

/** The given file, its nth line (from 1) replaced by others. */
const replaced = (nth: number, ...by: string[]): string => LINES.toSpliced(nth - 1, 1, ...by).join('\n');
const added = (...lines: string[]): string => `${GIVEN}${lines.map((line) => `  ${line}\n`).join('')}`;
const closed = (zone: string, window: string): string =>
  added('schedule:', `  timeZone: ${zone}`, `  closed: [${window}]`);

function sound(text: string): Rollout {
  const parsed = parseRolloutFile({ name: 'r.yaml', text });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function mistakes(text: string): string[] {
  const parsed = parseRolloutFile({ name: 'r.yaml', text });
  return parsed.ok
    ? []
    : parsed.error.map(({ line, column, path, message }) => `${line}:${column} ${pathText(path)}: ${message}`);
}

describe('a rollout file', () => {
  it('is taken as it is given', () => {
    expect(sound(GIVEN)).toEqual({
      flag: 'pricing.fareBundlingV2',
      stages: [1, 5, 25, 50, 100].map((percent) => ({ percent })),
      bakeMinutes: 20,
      guardrails: [
        { datadogMonitor: 'checkout.error_rate.cohort', maxRelativeIncrease: 0.1, alpha: 0.01 },
        { datadogMonitor: 'render.p95.cohort', maxRelativeIncrease: 0.15, alpha: 0.01 },
      ],
      onBreach: 'rollbackToZero',
      minimumEvidence: { exposures: 100, outcomes: 0 },
      holdback: 5,
      onBlind: 'hold',
      onStale: 'keep',
      regions: 'all',
      approval: { count: 1, roles: [] },
    });
  });

  it('takes all keys of our own, and goes through JSON unchanged', () => {
    const whole = sound(readFileSync(new URL('fixtures/whole.yaml', import.meta.url), 'utf8'));
    expect(Object.keys(whole)).toHaveLength(16);
    expect(whole.stages[2]).toEqual({
      percent: 50,
      minimumEvidence: { exposures: 5_000, outcomes: 20 },
      approval: { count: 2, roles: ['release-manager'] },
    });
    expect(whole.guardrails.map(sourceOf)).toEqual(['counts', 'sketch', 'counts', 'state', 'point']);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });

  const MISTAKES: readonly (readonly [string, string, readonly string[]])[] = [
    ['an unknown key', added('colour: red'), ['12:3 rollout.colour: is a key that is not known here; found "red"']],
    [
      'an unknown key of a guardrail',
      replaced(8, '      maxRelativeIncreese: 0.1'),
      ['8:7 rollout.guardrails[0].maxRelativeIncreese: is a key that is not known here; found 0.1'],
    ],
    [
      'an unknown key of a stage',
      replaced(4, '  stages: [{ percent: 1, bake: 5 }]'),
      ['4:26 rollout.stages[0].bake: is a key that is not known here; found 5'],
    ],
    [
      'B32: a stage of 0',
      replaced(4, '  stages: [0, 5]'),
      ['4:12 rollout.stages[0]: must be a percentage above 0 and up to 100, in steps of 0.001; found 0'],
    ],
    [
      'B32: a negative stage',
      replaced(4, '  stages: [-5, 5]'),
      ['4:12 rollout.stages[0]: must be a percentage above 0 and up to 100, in steps of 0.001; found -5'],
    ],
    [
      'B32: a stage above 100',
      replaced(4, '  stages: [5, 101]'),
      ['4:15 rollout.stages[1]: must be a percentage above 0 and up to 100, in steps of 0.001; found 101'],
    ],
    [
      'B32: stages that do not grow',
      replaced(4, '  stages: [5, 25, 25]'),
      ['4:19 rollout.stages[2]: must be more than the stage before, which is 25: stages only grow; found 25'],
    ],
    [
      'B32: stages that shrink',
      replaced(4, '  stages: [50, { percent: 5 }]'),
      [
        '4:16 rollout.stages[1]: must be more than the stage before, which is 50: stages only grow; found {"percent":5}',
      ],
    ],
    [
      'no stage',
      replaced(4, '  stages: []'),
      ['4:3 rollout.stages: Too small: expected array to have >=1 items; found []'],
    ],
    [
      'too many stages',
      replaced(4, `  stages: [${Array.from({ length: 33 }, (_, at) => at + 1)}]`),
      [
        '4:3 rollout.stages: Too big: expected array to have <=32 items; found [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22…',
      ],
    ],
    [
      'a stage that is text',
      replaced(4, '  stages: [5, ten]'),
      ['4:15 rollout.stages[1]: must be a percentage, or a mapping that has one as percent; found "ten"'],
    ],
    ['a stage that is no finite number', replaced(4, '  stages: [5, .nan]'), ['4:15 : .nan is no finite number']],
    [
      'a stage finer than a bucket',
      replaced(4, '  stages: [0.0005, 5]'),
      ['4:12 rollout.stages[0]: must be a percentage above 0 and up to 100, in steps of 0.001; found 0.0005'],
    ],
    [
      'a flag that is none',
      replaced(3, '  flag: __proto__.x'),
      [
        '3:3 rollout.flag: Invalid string: must match pattern /^[A-Za-z][\\w-]*(?:\\.[A-Za-z0-9][\\w-]*)*$/; found "__proto__.x"',
        '3:3 rollout.flag: is a name that objects already have; found "__proto__.x"',
      ],
    ],
    ['no bake', replaced(5), ['2:1 rollout.bakeMinutes: is missing']],
    [
      'a bake of nothing',
      replaced(5, '  bakeMinutes: 0'),
      ['5:3 rollout.bakeMinutes: Too small: expected number to be >=0.1; found 0'],
    ],
    [
      'no guardrail',
      replaced(6, '  guardrails: []').replace(/^ {4,}.*\n/gm, ''),
      ['6:3 rollout.guardrails: must have one at least: without a guardrail nothing would ever go back; found []'],
    ],
    [
      'an increase in percent',
      replaced(8, '      maxRelativeIncrease: 10'),
      ['8:7 rollout.guardrails[0].maxRelativeIncrease: must be at most 5: it is a share, and 0.10 is 10 %; found 10'],
    ],
    [
      'an increase of nothing',
      replaced(8, '      maxRelativeIncrease: 0'),
      ['8:7 rollout.guardrails[0].maxRelativeIncrease: Too small: expected number to be >0; found 0'],
    ],
    [
      'the same monitor twice',
      replaced(9, '    - datadogMonitor: checkout.error_rate.cohort'),
      [
        '9:7 rollout.guardrails[1]: reads "checkout.error_rate.cohort", as another one does: give it a name of its own; found {"datadogMonitor":"checkout.error_rate.cohort","maxRelati…',
      ],
    ],
    [
      'a guardrail that reads nothing',
      replaced(7, '    - name: errors'),
      [
        '7:7 rollout.guardrails[0]: must name what it reads: metric, datadogMonitor or prometheus; found {"name":"errors","maxRelativeIncrease":0.1}',
      ],
    ],
    [
      'a metric without a threshold',
      replaced(7, '    - metric: checkout.errors').replace('      maxRelativeIncrease: 0.10\n', ''),
      [
        '7:7 rollout.guardrails[0]: must have maxRelativeIncrease, maxRelativeDecrease, max, min, one of them at least; found {"metric":"checkout.errors"}',
      ],
    ],
    [
      'counts of a monitor',
      replaced(8, '      source: counts', '      max: 0.1'),
      [
        '8:7 rollout.guardrails[0].source: must be point or state: counts comes from a metric of our own pipeline; found "counts"',
      ],
    ],
    [
      'a state with a threshold',
      replaced(8, '      source: state', '      max: 3'),
      [
        '8:7 rollout.guardrails[0].source: must be point where there is a threshold: the state of a monitor has its own; found "state"',
      ],
    ],
    [
      'a number that may fall',
      replaced(8, '      min: 0.99'),
      [
        '8:7 rollout.guardrails[0].min: must be max: of a point only growth is judged, so read failures, not successes; found 0.99',
      ],
    ],
    [
      'a name of our own',
      replaced(7, '    - name: lockstep:ledger', '      metric: m'),
      [
        '7:7 rollout.guardrails[0].name: must not begin with lockstep: as do those of what every rollout is watched by; found "lockstep:ledger"',
      ],
    ],
    ['no breach', replaced(11), ['2:1 rollout.onBreach: is missing']],
    [
      'a rate above 1',
      replaced(7, '    - metric: checkout.errors', '      max: 5'),
      ['8:7 rollout.guardrails[0].max: must be above 0 and below 1: counts give a rate; found 5'],
    ],
    [
      'more ticks than it looks at',
      replaced(8, '      maxRelativeIncrease: 0.1', '      breachAfter: { ticks: 4, of: 3 }'),
      ['9:7 rollout.guardrails[0].breachAfter: must not take more ticks than it looks at; found {"ticks":4,"of":3}'],
    ],
    [
      'increase and decrease at once',
      replaced(7, '    - metric: checkout.errors', '      maxRelativeDecrease: 0.1'),
      [
        '8:7 rollout.guardrails[0].maxRelativeDecrease: must not be there beside maxRelativeIncrease: make two guardrails of it; found 0.1',
      ],
    ],
    [
      'a breach that does nothing',
      replaced(11, '  onBreach: ignore'),
      [
        '11:3 rollout.onBreach: Invalid option: expected one of "rollbackToZero"|"hold"|"previousStage"; found "ignore"',
      ],
    ],
    [
      'a holdback that the stage before has passed',
      replaced(4, '  stages: [50, 97, 100]'),
      ['2:1 rollout.holdback: must keep back less than 3: the last stage would serve 95 after 97; or write none'],
    ],
    [
      'a holdback that is neither',
      added('holdback: some'),
      ['12:3 rollout.holdback: must be a percentage, or none; found "some"'],
    ],
    [
      'a lease that nothing runs out for',
      added('leaseMinutes: 10'),
      ['12:3 rollout.leaseMinutes: must not be there with onStale: keep, which knows no lease; found 10'],
    ],
    [
      'a time zone that is none',
      closed('Mars/Olympus', '{ days: [friday] }'),
      [
        '13:5 rollout.schedule.timeZone: must be a time zone of the IANA database, as Europe/Berlin or UTC; found "Mars/Olympus"',
      ],
    ],
    [
      'a time zone that knows no summer',
      closed('"+01:00"', '{ days: [friday] }'),
      [
        '13:5 rollout.schedule.timeZone: must be a time zone of the IANA database, as Europe/Berlin or UTC; found "+01:00"',
      ],
    ],
    [
      'a window over midnight',
      closed('UTC', '{ from: 22:00, to: 06:00 }'),
      [
        '14:14 rollout.schedule.closed[0]: must begin before it ends: what goes over midnight is two windows; found {"from":"22:00","to":"06:00"}',
      ],
    ],
    [
      'a time that is none',
      closed('UTC', '{ from: 25:00 }'),
      [
        '14:16 rollout.schedule.closed[0].from: must be a time of day as 16:00; found "25:00"',
        '14:14 rollout.schedule.closed[0]: must begin before it ends: what goes over midnight is two windows; found {"from":"25:00"}',
      ],
    ],
    [
      'a day that is none',
      closed('UTC', '{ dates: { from: 2026-02-30, to: 2026-03-01 } }'),
      ['14:25 rollout.schedule.closed[0].dates.from: must be a day as 2026-12-24; found "2026-02-30"'],
    ],
    [
      'a window of nothing',
      closed('UTC', '{}'),
      ['14:14 rollout.schedule.closed[0]: must name days, times or dates; found {}'],
    ],
    [
      'a schedule without a window',
      added('schedule: { timeZone: UTC }'),
      ['12:3 rollout.schedule: must have windows that are open or closed; found {"timeZone":"UTC"}'],
    ],
    [
      'regions that are none',
      added('regions: some'),
      ['12:3 rollout.regions: must be all, or a list of regions; found "some"'],
    ],
    ['an alias', added('x: &a 1', 'y: *a'), ['13:6 : aliases are not taken: write it out']],
    [
      'two documents',
      `${GIVEN}---\nrollout: {}\n`,
      ['12:1 : Source contains multiple documents; please use YAML.parseAllDocuments() at line 12, column 1:'],
    ],
    ['nothing', '', ['1:1 : must be a mapping, with rollout as its one key; found null']],
    ['a list', '- 1\n', ['1:1 : must be a mapping, with rollout as its one key; found [1]']],
    ['too much', `${GIVEN}${'#'.repeat(300_000)}`, ['1:1 : is 300377 characters long, at most 262144']],
    ['what nests too deep', `rollout: ${'['.repeat(200)}${']'.repeat(200)}\n`, ['1:136 : nests more than 64 deep']],
  ];

  it.each(MISTAKES)('refuses %s, and tells where and what to mend', (_what, text, expected) => {
    expect(mistakes(text)).toEqual(expected);
  });
});
