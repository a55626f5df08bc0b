/** EdgeKV's administration API, version 1. Source: akamai-apis, edgekv/v1: its description is what tests hold this against. */
import type { AccessTokens } from './access-tokens.ts';
import type { AdminRequest } from './admin-request.ts';
import { edgeKvProblem, itemNotFound, NO_NAMESPACE, notAllowed } from './edgekv-problem.ts';
import type { EdgeKvStore, Network } from './edgekv-store.ts';
import { readValue, valueResponse } from './item-value.ts';
import { type ItemPath, wrongNames } from './key-rules.ts';
import { answerNamespaces } from './namespaces-api.ts';
import { answerTokens } from './tokens-api.ts';

export interface AdminDeps {
  readonly store: EdgeKvStore;
  readonly tokens: AccessTokens;
}

/** Of the database, in the texts of its answers. */
const DATABASE = '123456';
const VIEWER = 'api';
const MAX_LISTED = 100;

export function answerAdmin(deps: AdminDeps, request: AdminRequest): Response {
  const [resource, network, namespaces, namespace, groups, group, items, item] = request.path;
  if (resource === 'initialize' && network === undefined) return initialize(request.method);
  if (resource === 'tokens') return answerTokens(deps.tokens, request);
  if (resource !== 'networks' || namespaces !== 'namespaces') return notFound();
  if (network !== 'staging' && network !== 'production') {
    return edgeKvProblem(400, 'EKV_2000', 'Network must be staging or production.');
  }
  if (groups === undefined) return answerNamespaces(deps.store, network, namespace, request);
  if (groups !== 'groups' || namespace === undefined) return notFound();
  const wrong = wrongNames({ namespace, ...(group !== undefined && { group }), ...(item !== undefined && { item }) });
  if (wrong) return wrong;
  if (group === undefined) return listGroups(deps.store, network, namespace, request);
  if (items === undefined) return listItems(deps.store, network, namespace, group, request);
  if (items !== 'items' || item === undefined || request.path.length > 8) return notFound();
  return answerItem(deps.store, network, { namespace, group, item }, request);
}

function answerItem(store: EdgeKvStore, network: Network, path: ItemPath, request: AdminRequest): Response {
  const { namespace, group, item } = path;
  if (store.namespace(network, namespace) === undefined) return edgeKvProblem(400, 'EKV_9000', NO_NAMESPACE);
  switch (request.method) {
    case 'GET': {
      const value = store.read(network, path, VIEWER);
      return value === undefined ? itemNotFound(group, item) : valueResponse(value);
    }
    case 'PUT': {
      const value = readValue(request);
      if (value instanceof Response) return value;
      store.write(network, path, value);
      return text(`Item was upserted in database, namespace ${namespace}, group ${group}, and key ${item}.`);
    }
    case 'DELETE':
      store.write(network, path, undefined);
      return text(
        `Item was deleted in the KV store with database ${DATABASE} namespace ${namespace} group ${group} key ${item}.`,
      );
    default:
      return notAllowed();
  }
}

function listGroups(
  store: EdgeKvStore,
  network: Network,
  namespace: string,
  { method, query }: AdminRequest,
): Response {
  if (method !== 'GET') return notAllowed();
  const groups = store.groups(network, namespace, VIEWER).slice(0, limitOf(query.get('maxGroups')));
  return groups.length === 0 ? edgeKvProblem(404, 'EKV_9000', 'There are no groups.') : Response.json(groups);
}

function listItems(
  store: EdgeKvStore,
  network: Network,
  namespace: string,
  group: string,
  { method, query }: AdminRequest,
): Response {
  if (method !== 'GET') return notAllowed();
  const items = store.items(network, namespace, group, VIEWER).slice(0, limitOf(query.get('maxItems')));
  if (items.length > 0) return Response.json(items);
  return edgeKvProblem(404, 'EKV_9000', 'The requested group is empty or not found.');
}

function initialize(method: string): Response {
  if (method !== 'GET' && method !== 'PUT') return notAllowed();
  const status = {
    accountStatus: 'INITIALIZED',
    cpcode: '1234567',
    productionStatus: 'INITIALIZED',
    stagingStatus: 'INITIALIZED',
    dataAccessPolicy: { allowNamespacePolicyOverride: false, restrictDataAccess: true },
  };
  return Response.json(status, { status: method === 'PUT' ? 201 : 200 });
}

const limitOf = (value: string | null): number => (value === null ? MAX_LISTED : Number(value));

const text = (message: string): Response => new Response(message, { headers: { 'Content-Type': 'text/plain' } });

const notFound = (): Response => edgeKvProblem(404, 'EKV_0000', 'The requested resource does not exist.');
