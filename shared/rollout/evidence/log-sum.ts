/** Sums of exponentials without overflow: evidence grows like e^1000 and is compared by its logarithm. */

/** ln of the sum of `e^terms[i]`. Of nothing, and of nothing but -Infinity: -Infinity. */
export function logSum(terms: readonly number[]): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const term of terms) if (term > most) most = term;
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - most);
  return most + Math.log(sum);
}

/** `e^log` as a number that JSON can carry. */
export const finiteExp = (log: number): number => Math.min(Math.exp(log), Number.MAX_VALUE);
