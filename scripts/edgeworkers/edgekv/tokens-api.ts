/** Access tokens in the administration API. */
import type { AccessToken, AccessTokens, Permission, TokenOrder } from './access-tokens.ts';
import type { AdminRequest } from './admin-request.ts';
import { edgeKvProblem, notAllowed } from './edgekv-problem.ts';
import { parseObject } from './parse-object.ts';

const NAME = /^[A-Za-z0-9_-]{1,32}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MAX_NAMESPACES = 20;

export function answerTokens(tokens: AccessTokens, request: AdminRequest): Response {
  const [, name] = request.path;
  if (name === undefined) {
    if (request.method === 'GET') return list(tokens, request.query.get('includeExpired') === 'true');
    return request.method === 'POST' ? issue(tokens, request) : notAllowed();
  }
  if (!NAME.test(name)) return edgeKvProblem(400, 'EKV_2000', 'Name contains invalid characters.');
  const found = tokens.find(name);
  if (found === undefined) return edgeKvProblem(404, 'EKV_3000', `Token with name ${name} does not exist.`);
  switch (request.method) {
    case 'GET':
      if (tokens.isExpired(found)) return edgeKvProblem(410, 'EKV_3000', 'Token has expired.');
      return Response.json({ ...brief(found), value: found.value });
    case 'DELETE':
      tokens.revoke(name);
      return Response.json({ name, uuid: found.uuid });
    default:
      return notAllowed();
  }
}

function list(tokens: AccessTokens, includeExpired: boolean): Response {
  const all = tokens.list().filter((token) => includeExpired || !tokens.isExpired(token));
  if (all.length === 0) return edgeKvProblem(404, 'EKV_3000', 'No tokens exist.');
  return Response.json({ tokens: all.map(brief) });
}

function issue(tokens: AccessTokens, { text }: AdminRequest): Response {
  const order = orderOf(parseObject(text) ?? {});
  if (order === undefined) {
    const detail = 'The JSON request body contained a syntax error or duplicate attributes.';
    return edgeKvProblem(422, 'EKV_2001', detail);
  }
  if (tokens.find(order.name)) {
    return edgeKvProblem(409, 'EKV_3000', `Token with name ${order.name} is already stored.`);
  }
  const token = tokens.issue(order);
  return Response.json({ ...brief(token), value: token.value });
}

function orderOf(order: Readonly<Record<string, unknown>>): TokenOrder | undefined {
  const { name, allowOnStaging, allowOnProduction, expiry, namespacePermissions } = order;
  const isSound =
    typeof name === 'string' &&
    NAME.test(name) &&
    typeof allowOnStaging === 'boolean' &&
    typeof allowOnProduction === 'boolean' &&
    typeof expiry === 'string' &&
    DATE.test(expiry) &&
    arePermissions(namespacePermissions);
  return isSound ? { name, allowOnStaging, allowOnProduction, expiry, namespacePermissions } : undefined;
}

function arePermissions(value: unknown): value is Readonly<Record<string, readonly Permission[]>> {
  if (typeof value !== 'object' || value === null) return false;
  const all = Object.values(value);
  return (
    all.length > 0 &&
    all.length <= MAX_NAMESPACES &&
    all.every((allowed) => Array.isArray(allowed) && allowed.every((one) => ['r', 'w', 'd'].includes(one as string)))
  );
}

const brief = ({ name, uuid, expiry }: AccessToken) => ({ name, uuid, expiry });
