/** Why the publisher refused, in words for the person who asked: what is wrong, and what to do next. */
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';
import type { JournalEntry, Publisher } from './publisher.ts';
import { table } from './table.ts';

/** With the problem for programs. */
export class PublisherRefusal extends CommandError {
  readonly problem: ProblemAnswer;

  constructor(message: string, problem: ProblemAnswer) {
    super(message);
    this.problem = problem;
  }
}

/** Runs a command; with `json` a refusal is printed as the problem that it is, and the exit code is 1. */
export async function tellingRefusals(json: boolean, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!json || !(error instanceof PublisherRefusal)) throw error;
    console.log(JSON.stringify(error.problem, null, 2));
    return 1;
  }
}

export const refusalOf = async (problem: ProblemAnswer, publisher: Publisher): Promise<PublisherRefusal> =>
  new PublisherRefusal(await refusalText(problem, publisher), problem);

async function refusalText(problem: ProblemAnswer, publisher: Publisher): Promise<string> {
  const parts = [`the publisher refused: ${problem.detail}`, ...issueLines(problem)];
  if (typeof problem['confirm'] === 'string')
    parts.push(`If that is meant, publish again with --confirm ${problem['confirm']}`);
  if (problem['unacknowledged'] !== undefined) parts.push(...returnLines(await publisher.unacknowledged()));
  return parts.join('\n');
}

function issueLines({ issues }: ProblemAnswer): string[] {
  if (!Array.isArray(issues)) return [];
  return (issues as readonly { readonly key?: string; readonly message?: string }[]).map(({ key, message }) =>
    [key, message].filter((text) => text !== undefined).join('  '),
  );
}

function returnLines(returns: readonly JournalEntry[]): string[] {
  const last = returns.at(-1);
  if (last === undefined) return [];
  const rows = returns.map(({ id, actor, reason, version, changes }) => [
    `return ${id}`,
    `version ${version}`,
    `by ${actor}`,
    Object.keys(changes).join(', '),
    reason ?? '',
  ]);
  return [
    'These flags were rolled back, and what you publish would undo that:',
    table(rows),
    `Take it over into your flags, or mean it: publish again with --acknowledge ${last.id}`,
  ];
}
