/** Problem details as the Fetch standard's response. */
import { type Problem, problemReply } from './problem-reply.ts';
import { responseOf } from './response-of.ts';

export type { Problem };

export const problemResponse = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Response =>
  responseOf(problemReply(problem, headers));
