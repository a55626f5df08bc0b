/** What happens to both arms alike: none of it is the flag's doing, and none of it may look like it. */
import type { Random } from './random.ts';

export interface Weather {
  /** Multiplies the outcome rate of both arms, at a second of the ramp. */
  readonly rate: (second: number) => number;
  /** Multiplies the traffic. */
  readonly traffic: (second: number) => number;
  /** The part of exposures that is told up to two minutes late. */
  readonly late: number;
}

export type WeatherKind = 'calm' | 'drift' | 'spike' | 'region' | 'late' | 'all';

const DAY = 86_400;
/** From the nightly low to the daily high and back. */
const SWING = 0.5;
const SPIKE = { times: 5, seconds: 300 } as const;
const OUTAGE = { left: 2 / 3, seconds: 300 } as const;
const LATE = 0.1;

/** Spikes and outages begin at a random second of the `seconds`. */
export function weatherOf(kind: WeatherKind, random: Random, seconds: number): Weather {
  const has = (one: WeatherKind) => kind === one || kind === 'all';
  const phase = random() * DAY;
  const spikeAt = has('spike') ? random() * seconds : Number.POSITIVE_INFINITY;
  const outageAt = has('region') ? random() * seconds : Number.POSITIVE_INFINITY;
  const swing = has('drift') ? SWING : 0;
  const within = (second: number, from: number, length: number) => second >= from && second < from + length;
  const wave = (second: number) => Math.sin((2 * Math.PI * (second + phase)) / DAY);
  return {
    rate: (second) => (1 + swing * wave(second)) * (within(second, spikeAt, SPIKE.seconds) ? SPIKE.times : 1),
    traffic: (second) =>
      (1 + swing * wave(second + DAY / 6)) * (within(second, outageAt, OUTAGE.seconds) ? OUTAGE.left : 1),
    late: has('late') ? LATE : 0,
  };
}
