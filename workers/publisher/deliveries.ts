/** All targets together: each is seen to on its own, and none keeps the others, or a caller, waiting. */
import { type TargetAnswer, targetAnswer } from './answers.ts';
import type { Delivery } from './delivery.ts';

export interface Deliveries {
  /** Attempts what is due, for at most two seconds; what takes longer goes on behind. */
  run(): Promise<void>;
  /** Lets what is in force wait for no backoff. */
  expedite(): void;
  /** When to run next (milliseconds since 1970); infinite where nothing is in force. */
  dueAt(): number;
  /** `inForce` is the id of the edition in force; 0 where there is none. */
  answers(inForce: number): readonly TargetAnswer[];
}

/** How long a caller is kept waiting for targets (milliseconds). */
const PATIENCE_MS = 2_000;

export const createDeliveries = (
  deliveries: readonly Delivery[],
  sleep: (milliseconds: number) => Promise<void>,
): Deliveries => ({
  async run() {
    const runs = deliveries.map((delivery) => delivery.run());
    await Promise.race([Promise.allSettled(runs), sleep(PATIENCE_MS)]);
  },
  expedite() {
    for (const delivery of deliveries) delivery.expedite();
  },
  dueAt: () => Math.min(...deliveries.map((delivery) => delivery.dueAt() ?? 1 / 0)),
  answers: (inForce) => deliveries.map(({ name, state, dueAt }) => targetAnswer(name, state(), inForce, dueAt())),
});
