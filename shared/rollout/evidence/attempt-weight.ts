/**
 * The part of alpha that each attempt at a rollout may spend, fixed before the first one: 19/20 for the first, and of the rest a half for the
 * first resume after a rollback, a quarter for the second, and so on. They sum to less than 1, so that all attempts together keep alpha.
 */

const FIRST = 0.95;

/** `attempt`: 0 for the first, then one more at each resume after a rollback. A pause or a hold is no new attempt. What is no number of one may spend nothing. */
export const attemptWeight = (attempt: number): number => {
  if (!Number.isInteger(attempt) || attempt < 0) return 0;
  return attempt === 0 ? FIRST : (1 - FIRST) * 0.5 ** attempt;
};
