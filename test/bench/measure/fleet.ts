/** The processes of one case, one per subject, measured in turn, so that the machine's noise falls on all alike. */
import { type ChildProcess, fork } from 'node:child_process';
import type { CaseName } from '../cases.ts';
import type { SubjectName } from '../subject.ts';
import type { Answer, Memory, Question } from './protocol.ts';

export interface Measured {
  readonly subject: SubjectName;
  /** Of the fastest round: nanoseconds per run. */
  readonly ns: number;
  readonly memory: Memory | undefined;
}

interface Member {
  readonly subject: SubjectName;
  ask(question: 'round' | 'memory'): Promise<Answer>;
  end(): void;
}

/** The young generation has its usual greatest size (MB) from the start, instead of growing to it in the middle. */
const EXEC_ARGV = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];
const CHILD = new URL('../child.ts', import.meta.url);

/** Measures every subject in a fresh process each: `rounds` rounds in turn. */
export async function measureCase(
  name: CaseName,
  subjects: readonly SubjectName[],
  rounds: number,
  withMemory: boolean,
): Promise<Measured[]> {
  const members: Member[] = [];
  try {
    // One after another: a warm-up must not fight with another one for the processor.
    for (const subject of subjects) members.push(await startMember(name, subject));
    const fastest = new Map(members.map((member) => [member, Number.POSITIVE_INFINITY]));
    for (let round = 0; round < rounds; round++) {
      for (const member of members) {
        const { ns } = await member.ask('round');
        fastest.set(member, Math.min(fastest.get(member) as number, ns as number));
      }
    }
    const found: Measured[] = [];
    for (const member of members) {
      const memory = withMemory ? (await member.ask('memory')).memory : undefined;
      found.push({ subject: member.subject, ns: fastest.get(member) as number, memory });
    }
    return found;
  } finally {
    for (const member of members) member.end();
  }
}

async function startMember(name: CaseName, subject: SubjectName): Promise<Member> {
  const child = fork(CHILD, [name, subject], {
    execArgv: EXEC_ARGV,
    // Some peers log or check more otherwise.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await nextAnswer(child, `${subject} in ${name}`);
  return {
    subject,
    ask(question) {
      const answer = nextAnswer(child, `${subject} in ${name}`);
      child.send(question satisfies Question);
      return answer;
    },
    end: () => child.kill(),
  };
}

function nextAnswer(child: ChildProcess, who: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${who} ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (answer: Answer) => {
      child.off('exit', onExit);
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(`${who}: ${answer.error}`));
    });
  });
}
