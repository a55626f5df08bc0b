/** ln of the gamma function for positive numbers, to about 1e-14 of its size: Stirling's series (NIST DLMF 5.11.1) above 12, reached by recurrence. */

const LARGE = 12;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
/** B(2k) / (2k (2k - 1)). */
const SERIES = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156] as const;

export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let product = 1;
  let large = x;
  while (large < LARGE) product *= large++;
  const inverse = 1 / large;
  const square = inverse * inverse;
  let correction = 0;
  for (let at = SERIES.length - 1; at >= 0; at--) correction = correction * square + (SERIES[at] as number);
  return (large - 0.5) * Math.log(large) - large + HALF_LOG_TWO_PI + correction * inverse - Math.log(product);
}
