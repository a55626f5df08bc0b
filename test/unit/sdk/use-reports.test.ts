import { describe, expect, it } from 'vitest';
import type { SendBeacon, Verdict } from '#exposure/deliver-batch';
import type { Beacon } from '#exposure/exposure';
import { MAX_KEY_USES } from '#schema/exposure-limits';
import { createUseReports, USES_DELAY_MS } from '#sdk/exposures/use-reports';
import { createTurnedClock } from './fixtures/turned-clock.ts';

const TAKEN: Verdict = { kind: 'taken', refused: [] };
const LATER: Verdict = { kind: 'later', why: 'dark' };

function reporting(verdicts: readonly Verdict[] = []) {
  const beacons: Beacon[] = [];
  const clock = createTurnedClock();
  const send: SendBeacon = async (beacon) => {
    beacons.push(beacon);
    return verdicts[beacons.length - 1] ?? TAKEN;
  };
  const reports = createUseReports({ emitter: 'relay-1-uses', send, clock });
  const told = () => beacons.map(({ uses }) => uses?.map(([sha256]) => sha256));
  return { beacons, clock, reports, told };
}

describe('uses of keys that no exposures take along', () => {
  it('go out ten seconds together, each key once a minute', async () => {
    const { beacons, clock, reports, told } = reporting();
    const start = clock.now();
    for (let second = 0; second < 120; second++) {
      for (const key of ['a', 'b']) void reports.used(key);
      if (second === 5) void reports.used('c');
      await clock.forward(1_000);
    }
    await clock.forward(USES_DELAY_MS);
    expect(told().flat().toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', ...(start % 60_000 === 0 ? [] : ['a', 'b'])]);
    expect(told()[0]).toEqual(['a', 'b', 'c']);
    expect(beacons[0]).toMatchObject({ emitter: 'relay-1-uses', events: [], sentAt: start + USES_DELAY_MS });
    expect(beacons.length).toBeLessThanOrEqual(3);
  });

  it('are told again with the next ones where ingest did not take them, and the last at the end', async () => {
    const { clock, reports, told } = reporting([LATER]);
    void reports.used('a');
    await clock.forward(USES_DELAY_MS);
    void reports.used('b');
    await clock.forward(USES_DELAY_MS);
    expect(told()).toEqual([['a'], ['a', 'b']]);
    void reports.used('c');
    await reports.tell();
    expect(told().at(-1)).toEqual(['c']);
    await reports.tell();
    await clock.forward(USES_DELAY_MS);
    expect(told(), 'nothing is left').toHaveLength(3);
  });

  it('take no more room than a beacon has', async () => {
    const { clock, reports, told } = reporting();
    for (let key = 0; key < MAX_KEY_USES + 50; key++) void reports.used(`k${key}`);
    await clock.forward(USES_DELAY_MS);
    expect(told().map((uses) => uses?.length)).toEqual([MAX_KEY_USES]);
  });

  it('wait for nothing where the clock was set back', async () => {
    const { clock, reports, told } = reporting();
    void reports.used('a');
    clock.jump(-3_600_000);
    void reports.used('b');
    await clock.forward(USES_DELAY_MS);
    expect(new Set(told().flat())).toEqual(new Set(['a', 'b']));
  });
});
