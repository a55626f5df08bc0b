/** Runs a command; with `json` a refusal is printed as the problem that it is, and the exit code is 1. */
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';
import { ControlRefusal } from './control-refusal.ts';
import { PublisherRefusal } from './publisher-refusal.ts';

export async function tellingRefusals(json: boolean, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    if (json) console.log(JSON.stringify(problem, null, 2));
    else throw new CommandError([(error as Error).message, ...confirmLine(problem)].join('\n'));
    return 1;
  }
}

const problemOf = (error: unknown): ProblemAnswer | undefined =>
  error instanceof ControlRefusal || error instanceof PublisherRefusal ? error.problem : undefined;

/** The control plane names what has to be confirmed, and knows no command. */
const confirmLine = ({ confirm }: ProblemAnswer): readonly string[] =>
  typeof confirm === 'string' ? [`If that is meant, publish again with --confirm ${confirm}`] : [];
