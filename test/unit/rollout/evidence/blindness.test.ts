import { describe, expect, it } from 'vitest';
import { assessLedger, EMPTY_LEDGER, type EmitterLedger } from '#rollout/evidence/assess-ledger';
import { assessBlindness, type BlindnessState, EMPTY_BLINDNESS, type TrafficLook } from '#rollout/evidence/blindness';

const TICK_MS = 10_000;

/** Looks until it is blind, of the same numbers each time; null where it never is in a day. */
function looksUntilBlind(
  evaluated: number,
  received: number,
  share = 0.05,
  from: BlindnessState = EMPTY_BLINDNESS,
): number | null {
  let state = from;
  for (let look = 1; look <= 8_640; look++) {
    const found = assessBlindness(state, { evaluated, received, share, now: state.at + TICK_MS });
    if (found.verdict.kind === 'UNHEALTHY') return look;
    state = found.state;
  }
  return null;
}

describe('B28: blindness', () => {
  // 50 evaluations a second, 5 % of them in the arm: 25 exposures are expected every 10 s.
  it('holds within 10 s of nothing coming, 50 s of a half, a quarter of an hour of a fifth missing, and not for a tenth', () => {
    expect(looksUntilBlind(500, 0)).toBe(1);
    expect(looksUntilBlind(500, 12)).toBeLessThanOrEqual(5);
    expect(looksUntilBlind(500, 20)).toBeLessThanOrEqual(90);
    expect(looksUntilBlind(500, 23)).toBeNull();
    expect(looksUntilBlind(500, 25)).toBeNull();
  });

  it('is as quick after a long good time, and over as soon as exposures come again', () => {
    let state = EMPTY_BLINDNESS;
    for (let look = 0; look < 5_000; look++) {
      ({ state } = assessBlindness(state, { evaluated: 500, received: 25, share: 0.05, now: state.at + TICK_MS }));
    }
    expect(looksUntilBlind(500, 0, 0.05, state)).toBe(1);
    const blind = assessBlindness(state, { evaluated: 50_000, received: 0, share: 0.05, now: state.at + 1 });
    expect(blind.verdict).toMatchObject({ kind: 'UNHEALTHY', reason: 'blind', threshold: 10_000 });
    const seeing = assessBlindness(blind.state, {
      evaluated: 50_000,
      received: 2_500,
      share: 0.05,
      now: blind.state.at + 1,
    });
    expect(seeing.verdict.kind).toBe('PASS');
  });

  it('gives the likelihood ratio of Poisson counts', () => {
    const { verdict } = assessBlindness(EMPTY_BLINDNESS, { evaluated: 100, received: 3, share: 0.1, now: 1 });
    const [mean, factorial] = [9, 6];
    const poisson = (rate: number) => (Math.exp(-rate) * rate ** 3) / factorial;
    const parts = [0.9, 0.75, 0.5, 0.25, 0.1, 0.01];
    const expected = parts.reduce((sum, part) => sum + poisson(part * mean) / poisson(mean), 0) / parts.length;
    expect((verdict.evidence as number) / expected).toBeCloseTo(1, 9);
  });

  it('B25: impossible numbers and clocks that go backwards hold, and change nothing', () => {
    const good: TrafficLook = { evaluated: 500, received: 25, share: 0.05, now: TICK_MS };
    const { state } = assessBlindness(EMPTY_BLINDNESS, good);
    const reasonOf = (change: Partial<TrafficLook>) => {
      const found = assessBlindness(state, { ...good, ...change });
      expect(found.state).toBe(state);
      return found.verdict.reason;
    };
    expect(reasonOf({ now: 1 })).toBe('clock-backwards');
    expect(reasonOf({ now: Number.NaN })).toBe('not-finite');
    expect(reasonOf({ received: Number.NaN })).toBe('not-finite');
    expect(reasonOf({ evaluated: -1 })).toBe('negative');
    for (const share of [0, -1, 1.5, Number.NaN]) expect(reasonOf({ share })).toBe('impossible-share');
    expect(assessBlindness(state, { ...good, evaluated: 0, received: 0 }).verdict).toMatchObject({ kind: 'NO_DATA' });
  });
});

describe('the ledger', () => {
  const emitter = (exposed: number, at: number, name = 'iad-1'): EmitterLedger => ({
    emitter: name,
    evaluated: 2 * exposed,
    exposed,
    sent: exposed,
    dropped: 0,
    spilled: 0,
    at,
  });

  it('holds when more than 1 % is missing for 60 s, and not for what is on its way', () => {
    const gap = assessLedger(EMPTY_LEDGER, [emitter(1_000, 0)], 989, 0);
    expect(gap.verdict.kind).toBe('PASS');
    const longer = assessLedger(gap.state, [emitter(1_100, 60_000)], 1_080, 60_000);
    expect(longer.verdict).toMatchObject({ kind: 'UNHEALTHY', reason: 'ledger-gap' });
    const closed = assessLedger(longer.state, [emitter(1_200, 61_000)], 1_190, 61_000);
    expect(closed.verdict.kind).toBe('PASS');
    expect(assessLedger(closed.state, [emitter(1_300, 130_000)], 1_200, 130_000).verdict.kind).toBe('PASS');
  });

  it('holds where an emitter is silent, and where there is none', () => {
    const silent = assessLedger(EMPTY_LEDGER, [emitter(10, 0), emitter(10, 60_001, 'dub-1')], 20, 60_001);
    expect(silent.verdict).toMatchObject({ kind: 'UNHEALTHY', reason: 'no-heartbeat' });
    expect(assessLedger(EMPTY_LEDGER, [], 0, 1).verdict).toMatchObject({ kind: 'NO_DATA' });
  });

  it('B25: numbers that cannot be hold, and change nothing', () => {
    const { state } = assessLedger(EMPTY_LEDGER, [emitter(1_000, 5)], 1_000, 5);
    const reasonOf = (ledger: EmitterLedger, received = 1_000, now = 6) => {
      const found = assessLedger(state, [ledger], received, now);
      expect(found.state).toBe(state);
      return found.verdict.reason;
    };
    expect(reasonOf(emitter(999, 6))).toBe('counts-decreased');
    expect(reasonOf({ ...emitter(1_000, 6), evaluated: 5 })).toBe('impossible-count');
    expect(reasonOf(emitter(Number.NaN, 6))).toBe('not-finite');
    expect(reasonOf(emitter(1_000, 6), -1)).toBe('negative');
    expect(reasonOf(emitter(1_000, 6), 1_000, 4)).toBe('clock-backwards');
    expect(reasonOf(emitter(1_000, 6), 1_000, Number.NaN)).toBe('not-finite');
    const many = Array.from({ length: 257 }, (_, at) => emitter(1, 6, `pop-${at}`));
    expect(assessLedger(state, many, 257, 6).verdict.reason).toBe('too-many-cells');
  });
});
