/** Calls one of Lockstep's HTTP APIs on behalf of a person: what comes back is an answer, or a problem in words. */
import { ok, type Result, refused } from '#schema/result';
import { CommandError } from './command-error.ts';

/** RFC 9457, with whatever members the API adds. */
export interface ProblemAnswer {
  readonly status: number;
  readonly detail: string;
  readonly [member: string]: unknown;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly key?: string;
  readonly body?: object;
}

/** `what` names the other side where it cannot be reached: the planet, or one of its processes (then the planet is known to run). */
export async function call(
  what: string,
  url: string,
  { method = 'GET', key, body }: Call = {},
): Promise<Result<Response, ProblemAnswer>> {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(url, init).catch((error: unknown) => {
    // What `fetch` rejects with where nobody listens.
    if (error instanceof TypeError)
      throw new CommandError(
        what === 'planet'
          ? `the planet cannot be reached (${error.message}): is it running? npm start`
          : `the planet runs, but its ${what} does not answer: npm run lockstep -- planet status`,
      );
    throw error;
  });
  return response.ok ? ok(response) : refused(await problemOf(response));
}

async function problemOf(response: Response): Promise<ProblemAnswer> {
  const detail = `HTTP ${response.status}`;
  try {
    return { detail, ...((await response.json()) as object), status: response.status };
  } catch {
    return { detail, status: response.status };
  }
}
