/** Timing of a loop inside one process. */
import type { Runner } from '../subject.ts';

/** Long enough that the clock and the call do not count, short enough that many rounds escape the neighbours' noise. */
const ROUND_MS = 12;
const WARM_UP_MS = 400;

/** Nanoseconds that `count` runs take. */
export async function timed(runner: Runner, count: number): Promise<number> {
  const from = process.hrtime.bigint();
  const found = runner(count);
  const hits = typeof found === 'number' ? found : await found;
  const ns = Number(process.hrtime.bigint() - from);
  if (!(hits >= 0)) throw new Error('the loop lost its sink');
  return ns;
}

/** Runs until the optimising compiler has had its say, and returns the number of runs that make up a round. */
export async function warmUp(runner: Runner): Promise<number> {
  let count = 1;
  let perRun = 0;
  for (let spent = 0; spent < WARM_UP_MS * 1e6; ) {
    const ns = await timed(runner, count);
    spent += ns;
    perRun = ns / count;
    // Runs of growing length, so that the loop is also entered anew after it was optimised.
    count = Math.max(1, Math.min(count * 2, Math.ceil((ROUND_MS * 1e6) / perRun)));
  }
  return Math.max(1, Math.round((ROUND_MS * 1e6) / perRun));
}
