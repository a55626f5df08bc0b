/**
 * EdgeKV as EdgeWorkers reach it, at `edgekv.akamai-edge-svcs.net`. Sources: `edgekv.js` of akamai/edgeworkers-examples,
 * techdocs.akamai.com/edgekv/docs/troubleshoot for the statuses; the bodies of 401 and 403 are not published.
 */
import type { AccessTokens, Permission } from './access-tokens.ts';
import { edgeKvProblem, itemNotFound, NO_NAMESPACE, notAllowed } from './edgekv-problem.ts';
import type { EdgeKvStore, Network } from './edgekv-store.ts';
import { readValue, valueResponse } from './item-value.ts';
import { type ItemPath, wrongNames } from './key-rules.ts';

export interface EdgeDeps {
  readonly store: EdgeKvStore;
  readonly tokens: AccessTokens;
  /** Whose copy is read. */
  readonly pop: string;
  readonly network: Network;
}

export const EDGEKV_HOST = 'edgekv.akamai-edge-svcs.net';

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/groups\/([^/]+)\/items\/([^/]+)$/;
const NEEDED: Readonly<Record<string, Permission>> = { GET: 'r', PUT: 'w', DELETE: 'd' };

export async function answerEdge({ store, tokens, pop, network }: EdgeDeps, request: Request): Promise<Response> {
  const [, namespace, group, item] = PATH.exec(new URL(request.url).pathname) ?? [];
  if (namespace === undefined || group === undefined || item === undefined) {
    return edgeKvProblem(400, 'EKV_9000', 'The request is malformed.');
  }
  const path: ItemPath = { namespace, group, item };
  const wrong = wrongNames(path);
  if (wrong) return wrong;
  const needed = NEEDED[request.method];
  if (needed === undefined) return notAllowed();
  const refusal = refuse(tokens, request.headers, network, namespace, needed);
  if (refusal) return refusal;
  if (store.namespace(network, namespace) === undefined) return edgeKvProblem(400, 'EKV_9000', NO_NAMESPACE);
  if (needed === 'r') {
    const value = store.read(network, path, pop);
    return value === undefined ? itemNotFound(group, item) : valueResponse(value);
  }
  if (needed === 'd') {
    store.write(network, path, undefined);
    return new Response('Item was marked for deletion from database.');
  }
  const value = readValue({ contentType: 'text/plain', text: await request.text() });
  if (value instanceof Response) return value;
  store.write(network, path, value);
  return new Response('Item was upserted in database.');
}

function refuse(
  tokens: AccessTokens,
  headers: Headers,
  network: Network,
  namespace: string,
  needed: Permission,
): Response | undefined {
  const value = headers.get('X-Akamai-EdgeDB-Auth') ?? undefined;
  const reference = headers.get('X-Akamai-EdgeDB-Auth-Ref') ?? undefined;
  const verdict = tokens.check({ value, reference }, network, namespace, needed);
  if (verdict === 401)
    return edgeKvProblem(401, 'EKV_1000', 'The access token is missing, invalid, expired, or revoked.');
  if (verdict === 403) {
    return edgeKvProblem(403, 'EKV_1000', 'The access token is not authorized for the specified namespace.');
  }
  return undefined;
}
