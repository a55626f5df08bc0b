/** RFC 9457 problem details: every refusal of an HTTP shell says what the caller may do about it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** For the caller: what was found, what is allowed. Never a stack, never a secret. */
  readonly detail: string;
}

export const problemResponse = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json(
    { type: 'about:blank', ...problem },
    {
      status: problem.status,
      headers: { 'content-type': 'application/problem+json', ...headers },
    },
  );
