/** The request that a command is about, if it is as the caller saw it. */
import { ok, type Result, refused } from '#schema/result';
import { get } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { ChangeRequest, RequestStatus, State } from './state.ts';

interface About {
  readonly request: string;
  /** Of the change that the caller saw; whoever means the request, whatever is in it, names none. */
  readonly hash?: string;
}

export function openRequest(
  state: State,
  { request: id, hash }: About,
  takes: readonly RequestStatus[],
): Result<ChangeRequest, Refusal> {
  const request = get(state.requests, id);
  if (request === undefined) return refused({ code: 'not-found', what: 'request', key: id });
  if (hash !== undefined && hash !== request.hash) return refused({ code: 'hash-differs', hash: request.hash });
  if (!takes.includes(request.status)) return refused({ code: 'wrong-status', status: request.status, takes });
  return ok(request);
}
