/**
 * Exact samplers: what a tick of a million users brings costs as much as what a tick of ten brings.
 *
 * Small means by inversion; large ones by transformed rejection (Hormann, "The generation of binomial random variates", Journal of Statistical
 * Computation and Simulation 46, 1993, algorithm BTRS; "The transformed rejection method for generating Poisson random variables", Insurance:
 * Mathematics and Economics 12, 1993, algorithm PTRS).
 */
import { logGamma } from '#rollout/evidence/log-gamma';
import type { Random } from './random.ts';

const SMALL = 10;

export function poisson(random: Random, mean: number): number {
  if (!(mean > 0)) return 0;
  return mean < SMALL ? smallPoisson(random, mean) : largePoisson(random, mean);
}

export function binomial(random: Random, tries: number, chance: number): number {
  if (tries === 0 || !(chance > 0)) return 0;
  if (chance >= 1) return tries;
  if (chance > 0.5) return tries - binomial(random, tries, 1 - chance);
  return tries * chance < SMALL ? smallBinomial(random, tries, chance) : largeBinomial(random, tries, chance);
}

/** The mean 0, variance 1. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Uniform numbers have 32 bits: a tail beyond them is not reached, and the loop ends there. */
function smallPoisson(random: Random, mean: number): number {
  let chance = Math.exp(-mean);
  let left = random() - chance;
  let found = 0;
  while (left >= 0 && chance > 1e-12) {
    found++;
    chance *= mean / found;
    left -= chance;
  }
  return found;
}

function smallBinomial(random: Random, tries: number, chance: number): number {
  const odds = chance / (1 - chance);
  let now = Math.exp(tries * Math.log1p(-chance));
  let left = random() - now;
  let found = 0;
  while (left >= 0 && found < tries && (now > 1e-12 || found < tries * chance)) {
    now *= (odds * (tries - found)) / (found + 1);
    found++;
    left -= now;
  }
  return found;
}

function largePoisson(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  const log = Math.log(mean);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * log - mean - logFactorial(k)) return k;
  }
}

function largeBinomial(random: Random, tries: number, chance: number): number {
  const spread = Math.sqrt(tries * chance * (1 - chance));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * chance;
  const center = tries * chance + 0.5;
  const vr = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * spread;
  const log = Math.log(chance / (1 - chance));
  const mode = Math.floor((tries + 1) * chance);
  const atMode = logFactorial(mode) + logFactorial(tries - mode);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + center);
    if (k < 0 || k > tries) continue;
    if (us >= 0.07 && v <= vr) return k;
    const worth = Math.log((v * alpha) / (a / (us * us) + b));
    if (worth <= atMode - logFactorial(k) - logFactorial(tries - k) + (k - mode) * log) return k;
  }
}

const TABLE = Float64Array.from({ length: 1_024 }, (_, n) => logGamma(n + 1));
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

function logFactorial(n: number): number {
  if (n < TABLE.length) return TABLE[n] as number;
  const x = n + 1;
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + 1 / (12 * x) - 1 / (360 * x * x * x);
}
