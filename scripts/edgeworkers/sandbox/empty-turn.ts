/** What a turn takes in which nothing happens: letting code in, and watching over it. */
import type { Meter } from './meter.ts';
import { createRoom } from './room.ts';
import type { Turn } from './turn.ts';

const NOBODY: Turn = {
  event: undefined,
  now: 0,
  enter: () => undefined,
  log: () => undefined,
  openSubRequest: () => 'nobody asks',
  sendSubRequest: () => undefined,
};

const ROUNDS = 7;

/** CPU time in milliseconds; of the fastest of some. */
export async function measureEmptyTurn(meter: Meter): Promise<number> {
  const room = await createRoom({}, NOBODY);
  const rounds = Array.from({ length: ROUNDS }, () => room.enter(NOBODY, () => undefined, 1_000, meter).cpuMs);
  return Math.min(...rounds);
}
