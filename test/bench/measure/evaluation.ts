/** Prepares an evaluation case: opens, verifies, warms up. */
import { type EvaluationCase, flagOf, flagsOf, runnerOf, usersOf } from '../cases.ts';
import type { SubjectName } from '../subject.ts';
import { loadSubject } from '../subjects/index.ts';
import { verifyAll, verifyFlag } from '../verify.ts';
import { bytesPerRun } from './allocation.ts';
import { timed, warmUp } from './clock.ts';
import type { Bench, Memory } from './protocol.ts';

export async function prepareEvaluation(name: EvaluationCase, subjectName: SubjectName): Promise<Bench> {
  const subject = await loadSubject(subjectName);
  const flags = flagsOf(name);
  const users = usersOf(name);
  const engine = await subject.open(subject.payload(flags));
  const flag = flagOf(name);
  if (flag === undefined) await verifyAll(engine, flags, users);
  else await verifyFlag(engine, flag, users);
  const runner = runnerOf(name, engine, flags, users);
  const count = await warmUp(runner);
  return {
    round: async () => (await timed(runner, count)) / count,
    async memory(): Promise<Memory> {
      const bytes = await bytesPerRun(runner);
      const makesContexts = name !== 'a' && name !== 'b-warm' && subject.contexts !== undefined;
      if (!makesContexts) return { bytes };
      const contexts = subject.contexts?.(users) as ReturnType<NonNullable<typeof subject.contexts>>;
      await warmUp(contexts);
      return { bytes, contextBytes: await bytesPerRun(contexts) };
    },
  };
}
