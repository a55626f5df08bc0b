/** RFC 9457 problem details: every refusal of an HTTP shell says what the caller may do about it. */
import type { Reply } from './reply.ts';

export interface Problem {
  readonly status: number;
  readonly title: string;
  /** For the caller: what was found, what is allowed. Never a stack, never a secret. */
  readonly detail: string;
}

export const problemReply = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: problem.status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', ...problem }),
});
