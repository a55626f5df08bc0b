/** Why the publisher refused, in words for the person who asked: what is wrong, and what to do next. */
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';

/** With the problem for programs. */
export class PublisherRefusal extends CommandError {
  readonly problem: ProblemAnswer;

  constructor(message: string, problem: ProblemAnswer) {
    super(message);
    this.problem = problem;
  }
}

export const refusalOf = (problem: ProblemAnswer): PublisherRefusal =>
  new PublisherRefusal([`the publisher refused: ${problem.detail}`, ...issueLines(problem)].join('\n'), problem);

function issueLines({ issues }: ProblemAnswer): string[] {
  if (!Array.isArray(issues)) return [];
  return (issues as readonly { readonly key?: string; readonly message?: string }[]).map(({ key, message }) =>
    [key, message].filter((text) => text !== undefined).join('  '),
  );
}
