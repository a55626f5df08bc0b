/** All targets together: each is seen to on its own, and none keeps the others, or a caller, waiting. */
import { type TargetAnswer, targetAnswer } from './answers.ts';
import type { Delivery } from './delivery.ts';
import type { TargetState } from './target-schedule.ts';

export interface Deliveries {
  /** Attempts what is due, for at most two seconds; what takes longer goes on behind. */
  run(): Promise<void>;
  /** Lets what is in force wait for no backoff. */
  expedite(): void;
  /** When to run next (milliseconds since 1970); infinite where nothing is in force. */
  dueAt(): number;
  /** Those that serve somebody and were not last seen to hold that version or a later one, or do hold what is not overwritten. */
  lacking(version: number): readonly string[];
  /** `inForce` is the id of the edition in force; 0 where there is none. */
  answers(inForce: number): readonly TargetAnswer[];
}

const holds = ({ version, trouble }: TargetState, asked: number): boolean =>
  version !== null && version >= asked && trouble?.kind !== 'conflict';

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
  lacking: (version) =>
    deliveries.filter(({ isRehearsal, state }) => !isRehearsal && !holds(state(), version)).map(({ name }) => name),
  dueAt: () => Math.min(...deliveries.map((delivery) => delivery.dueAt() ?? 1 / 0)),
  answers: (inForce) => deliveries.map(({ name, state, dueAt }) => targetAnswer(name, state(), inForce, dueAt())),
});
