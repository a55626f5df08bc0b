/** Namespaces in the administration API. */
import type { AdminRequest } from './admin-request.ts';
import { edgeKvProblem, NO_NAMESPACE, notAllowed } from './edgekv-problem.ts';
import type { EdgeKvStore, Namespace, Network } from './edgekv-store.ts';
import { wrongNames } from './key-rules.ts';
import { parseObject } from './parse-object.ts';

const MIN_RETENTION = 86_400;
const MAX_RETENTION = 315_360_000;

/** `name` is undefined for all of them. */
export function answerNamespaces(
  store: EdgeKvStore,
  network: Network,
  name: string | undefined,
  request: AdminRequest,
): Response {
  if (name === undefined) {
    if (request.method === 'GET') return list(store, network, request.query.get('details') === 'on');
    return request.method === 'POST' ? create(store, network, request) : notAllowed();
  }
  const found = store.namespace(network, name);
  if (found === undefined) return edgeKvProblem(400, 'EKV_9000', NO_NAMESPACE);
  if (request.method === 'GET') return Response.json(found);
  return request.method === 'PUT' ? update(store, network, found, request) : notAllowed();
}

function list(store: EdgeKvStore, network: Network, details: boolean): Response {
  const all = store.namespaces(network);
  const brief = ({ namespace, retentionInSeconds, groupId }: Namespace) => ({ namespace, retentionInSeconds, groupId });
  return Response.json({ namespaces: details ? all : all.map(brief) });
}

function create(store: EdgeKvStore, network: Network, { text }: AdminRequest): Response {
  const order = parseObject(text) ?? {};
  const { namespace, retentionInSeconds, groupId, geoLocation = 'US' } = order;
  if (typeof namespace !== 'string') return invalid('Namespace must be specified.');
  const wrong = wrongNames({ namespace });
  if (wrong) return wrong;
  if (!isRetention(retentionInSeconds)) return invalid('Retention period must be specified.');
  if (typeof groupId !== 'number' || !Number.isInteger(groupId)) return invalid('Group must be specified.');
  const made: Namespace = { namespace, retentionInSeconds, groupId, geoLocation: String(geoLocation) };
  const found = store.namespace(network, namespace);
  if (found !== undefined && JSON.stringify(found) !== JSON.stringify(made)) {
    const detail = `A namespace with the name ${namespace} already exists with a different configuration`;
    return edgeKvProblem(409, 'EKV_3000', detail);
  }
  store.putNamespace(network, made);
  return Response.json(made);
}

function update(store: EdgeKvStore, network: Network, found: Namespace, { text }: AdminRequest): Response {
  const { retentionInSeconds, groupId } = parseObject(text) ?? {};
  if (groupId !== undefined && groupId !== found.groupId) {
    return edgeKvProblem(400, 'EKV_3000', 'groupId changes must be made through the reauthorize endpoint.');
  }
  if (!isRetention(retentionInSeconds)) return invalid('Retention period must be specified.');
  const updated = { ...found, retentionInSeconds };
  store.putNamespace(network, updated);
  return Response.json(updated);
}

const isRetention = (value: unknown): value is number =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  (value === 0 || (value >= MIN_RETENTION && value <= MAX_RETENTION));

const invalid = (detail: string): Response => edgeKvProblem(400, 'EKV_2000', detail);
