/** Figures of many runs. */

/** The quantile of times, where null means never: null when that much or more never came. */
export function timeQuantile(times: readonly (number | null)[], quantile: number): number | null {
  const sorted = times.map((time) => time ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))];
  return found === undefined || found === Number.POSITIVE_INFINITY ? null : found;
}

/**
 * The upper end of the exact one-sided 95 % interval of a rate (Clopper & Pearson, Biometrika 26, 1934): the rate at which so few hits have a
 * chance of 5 %.
 */
export function upperBound(hits: number, runs: number): number {
  if (hits >= runs) return 1;
  let [low, high] = [hits / runs, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(hits, runs, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

function chanceOfAtMost(hits: number, runs: number, rate: number): number {
  let log = runs * Math.log1p(-rate);
  let sum = Math.exp(log);
  for (let k = 1; k <= hits; k++) {
    log += Math.log(((runs - k + 1) / k) * (rate / (1 - rate)));
    sum += Math.exp(log);
  }
  return sum;
}
