/**
 * The treated share of the units of a minute that can still have an outcome, such that at the limit the next one is treated with exactly the
 * probability that the limit of the rate ratio says.
 *
 * Units that have had their outcome are no longer at risk. Leaving them out alone would test the ratio of hazards (the log-rank test), which is
 * larger than that of rates where much fails: in an outage, 1.1 times a rate of 50 % is 1.15 times its hazard. At the limit r the treated hazard is
 * r (1 - F) / (1 - r F) times control's, F being the part of control that has had its outcome; so treated units count by 1 / (1 - r F) and those of
 * control by 1 / (1 - F), which with F as it is seen makes them all that were exposed.
 */
import type { CountsCell } from './statistics.ts';

/** Where nearly all have failed, no weight grows beyond twenty. */
const LEAST_LEFT = 0.05;

/** `treatedBefore`, `controlBefore`: outcomes that the cell had at the look before. */
export function shareAtRisk(
  limit: number,
  { treatment, control }: CountsCell,
  treatedBefore: number,
  controlBefore: number,
): number {
  if (control.exposures === 0) return 1;
  const left = Math.max(LEAST_LEFT, 1 - (limit * controlBefore) / control.exposures);
  const treated = (treatment.exposures - treatedBefore) / left;
  return treated / (treated + control.exposures);
}
