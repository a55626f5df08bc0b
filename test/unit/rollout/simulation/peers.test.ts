import { describe, expect, it } from 'vitest';
import { createInformed, fires, PEERS } from '../../../../scripts/sim/peers.ts';
import { weatherOf } from '../../../../scripts/sim/weather.ts';

const totals = (treated: number, treatedOutcomes: number, control: number, controlOutcomes: number) => ({
  treated,
  treatedOutcomes,
  control,
  controlOutcomes,
});

/** The fewest treated outcomes at which a rule fires. */
const fewest = (peer: (typeof PEERS)[number], treated: number, control: number, controlOutcomes: number) => {
  for (let x = 1; x <= treated; x++) if (fires(peer, totals(treated, x, control, controlOutcomes))) return x;
  return null;
};

describe('the peers of the simulation', () => {
  it('fire where their formulas say, computed elsewhere', () => {
    // scipy, each formula written anew: 2,000 treated and 2,000 control users of whom 100 fail.
    expect(Object.fromEntries(PEERS.map((peer) => [peer, fewest(peer, 2_000, 2_000, 100)]))).toEqual({
      literal: 111,
      z05: 124,
      z01: 135,
      msprt: 167,
      sequence: 165,
    });
  });

  it('fire on nothing while an arm is empty or nobody treated has failed', () => {
    for (const peer of PEERS) {
      expect(fires(peer, totals(0, 0, 500, 5))).toBe(false);
      expect(fires(peer, totals(500, 5, 0, 0))).toBe(false);
      expect(fires(peer, totals(500, 0, 500, 100))).toBe(false);
    }
  });

  it('are told beforehand what they could not know: the informed test', () => {
    const informed = createInformed(4);
    // Each treated outcome of a share of 5 % gives ln(4 / 1.1) - ln(1.15 / 1.005).
    const each = Math.log(4 / 1.1) - Math.log(1.15 / 1.005);
    const needed = Math.ceil(Math.log(100) / each);
    informed.add(0.05, needed - 1, needed - 1);
    expect(informed.fired()).toBe(false);
    informed.add(0.05, 1, 1);
    expect(informed.fired()).toBe(true);
  });
});

describe('the weather', () => {
  it('is the same for both arms, and calm where it is to be', () => {
    const seconds = Array.from({ length: 600 }, (_, at) => at * 10);
    const calm = weatherOf('calm', () => 0.5, 6_000);
    expect(new Set(seconds.map(calm.rate))).toEqual(new Set([1]));
    const spike = weatherOf('spike', () => 0.5, 6_000);
    expect(seconds.filter((second) => spike.rate(second) === 5)).toHaveLength(30);
    const region = weatherOf('region', () => 0.5, 6_000);
    expect(seconds.filter((second) => region.traffic(second) < 0.7)).toHaveLength(30);
  });
});
