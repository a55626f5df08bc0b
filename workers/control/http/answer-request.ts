/** One request to one route, from its token to its answer. */

import { canonicalJson } from '#ruleset/canonical-json';
import { digestOfText } from '#ruleset/write/digest';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import { readBody, readConditions, readIdempotencyKey, readQuery, readVia } from './read-request.ts';
import type { Answer, RawCall, Route } from './route.ts';
import { writeReply } from './write-reply.ts';

export interface Routed {
  readonly route: Route;
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
}

export async function answerRequest(api: Api, request: Request, routed: Routed): Promise<Answer> {
  const { route, principal } = routed;
  const outOfScope = actionRefusal(route, principal);
  if (outOfScope !== undefined) return refused(outOfScope);
  const call = await readCall(request, routed);
  if (!call.ok) return call;
  const earlier = await earlierAnswer(api, call.value);
  return earlier ?? route.run(api, call.value);
}

/** What credentials may do at all; what they may do it to, the routes and the deciders ask. */
function actionRefusal({ access }: Route, { scopes }: Principal): ApiRefusal | undefined {
  if (access.action === 'public' || access.over === 'self') return undefined;
  const { action } = access;
  const enough = ['*', action, ...(access.or ?? [])];
  if (scopes.actions.some((one) => enough.includes(one))) return undefined;
  return { code: 'out-of-scope', action, environment: null, namespace: null };
}

async function readCall(request: Request, { route, principal, params }: Routed): Promise<Result<RawCall, ApiRefusal>> {
  const { headers } = request;
  const url = new URL(request.url);
  const query = readQuery(url.search);
  if (!query.ok) return query;
  const { dryRun, ...rest } = query.value;
  const isDryRun = route.effect === 'change' && dryRun === '1';
  const key = route.effect === 'write' || route.effect === 'change' ? readIdempotencyKey(headers) : ok(undefined);
  if (!key.ok) return key;
  const conditions = readConditions(headers, route.precondition);
  if (!conditions.ok) return conditions;
  const body = await readBody(request, route);
  if (!body.ok) return body;
  const asked = [request.method, url.pathname, url.search, conditions.value, body.value ?? null];
  const idempotency =
    key.value === undefined || isDryRun ? undefined : { key: key.value, digest: digestOfText(canonicalJson(asked)) };
  return ok({
    ...{ principal, params, headers, isDryRun, idempotency, via: readVia(headers), body: body.value },
    ...conditions.value,
    query: isDryRun ? rest : query.value,
  });
}

/** Before anything is looked at that may be another by now. */
async function earlierAnswer(api: Api, { principal, idempotency }: RawCall): Promise<Answer | undefined> {
  if (idempotency === undefined) return undefined;
  const { key, digest } = idempotency;
  const earlier = api.control.executing.earlier({ principal: principal.id, key, command: digest });
  if (!earlier.ok) return earlier;
  return earlier.value && writeReply(api, principal, earlier.value);
}
