/** Why the control plane did not do what it was asked for, in words for the person who asked. */
import { printable } from '#control/audit/printable';
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';
import type { ControlPlace } from './control-place.ts';

/** It answered, and refuses; with the problem for programs. */
export class ControlRefusal extends CommandError {
  readonly problem: ProblemAnswer;

  constructor(problem: ProblemAnswer) {
    super(problemText(problem));
    this.problem = problem;
  }
}

/** It does not answer, or not as itself. */
export class ControlUnreachable extends CommandError {
  /** `key` is that of a write which may have been done all the same. */
  constructor({ url, planet }: ControlPlace, failure: string, key?: string) {
    const next = planet ? ': npm run lockstep -- planet status' : '';
    const perhaps =
      key === undefined
        ? ''
        : `\nwhether it was done is not known; the same command with --idempotency-key ${key} is done once at most`;
    super(`the control plane at ${url} cannot be reached (${printable(failure)})${next}${perhaps}`);
  }
}

/** As many issues are told. */
const SHOWN = 20;

export function problemText(problem: ProblemAnswer): string {
  const { status, detail } = problem;
  const issues = Array.isArray(problem['issues']) ? (problem['issues'] as readonly unknown[]) : [];
  const hint = problem['code'] === 'not-allowed' ? NOT_ALLOWED : HINTS[status];
  const rest = issues.length > SHOWN ? [`  and ${issues.length - SHOWN} more`] : [];
  return [
    `refused: ${printable(detail)}`,
    ...issues.slice(0, SHOWN).map((issue) => `  ${printable(issueText(issue))}`),
    ...rest,
    ...(hint === undefined ? [] : [hint]),
  ].join('\n');
}

/** What the caller can do, where the API cannot know. */
const HINTS: Readonly<Record<number, string>> = {
  401: 'is the token the right one for this address? See LOCKSTEP_TOKEN and --as',
  412: 'somebody changed it meanwhile: look at it again, and repeat the command',
};

const NOT_ALLOWED = 'somebody who has the role does it; on the planet, name one with --as (docs/planet.md)';

function issueText(issue: unknown): string {
  if (typeof issue !== 'object' || issue === null) return String(issue);
  const { path, message } = issue as { readonly path?: unknown; readonly message?: unknown };
  const where = Array.isArray(path) ? path.join('.') : path;
  return [where, message].filter((text) => text !== undefined && text !== '').join('  ');
}
