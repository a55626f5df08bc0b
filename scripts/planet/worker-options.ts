/** What Miniflare is told of each Worker: the bindings of `wrangler.toml`, the planet's settings, and links for what lies elsewhere. */
import type { V4FetchHandler, V4ServiceDesignator, V4WorkerOptions } from 'miniflare';
import { EDGEKV_GROUP, EDGEKV_NAMESPACE } from './akamai/edgekv-account.ts';
import { VIEW } from './akamai/pop-bundles.ts';
import { buildWorker } from './build-worker.ts';
import { type DeployedWorker, deployedWorker } from './deployed-worker.ts';
import {
  AUDIT_ORIGIN,
  controlDirectory,
  ingestKeyRecords,
  type PlanetKeys,
  publisherKeyRecords,
  sdkKeyRecords,
  streamKeyRecords,
} from './keys.ts';
import {
  ENVIRONMENT,
  edgeOf,
  type LinkName,
  NETWORKS,
  POP_NAMES,
  POPS,
  type PopName,
  type ProcessName,
} from './layout.ts';
import type { Link } from './link.ts';

export interface WorkerSources {
  readonly keys: PlanetKeys;
  /** JSON: what POPs serve before they have any ruleset. */
  readonly offlineDefaults: string;
  readonly revalidateAfterMs: number;
  readonly staleAfterMs: number;
  readonly links: ReadonlyMap<LinkName, Link>;
}

/** Shorter than a deployment's (5 s): nobody watches a planet for a fault that takes so long. */
const SOAK_MS = 1_000;

/** Shorter than a deployment's (5 min), as that is. */
const ARCHIVE_AFTER_MS = 5_000;

const CLOUDFLARE_POPS = POP_NAMES.filter((pop) => POPS[pop].cloud === 'cloudflare');

/** By process. Builds the Workers. */
export async function workerOptions(sources: WorkerSources): Promise<ReadonlyMap<ProcessName, V4WorkerOptions>> {
  const [edge, control, publisher, stream, ingest, kv] = await Promise.all([
    workerOf('edge', 'scripts/planet/entries/edge.ts'),
    workerOf('control', 'workers/control/index.ts'),
    workerOf('publisher', 'scripts/planet/entries/publisher.ts'),
    workerOf('stream', 'scripts/planet/entries/stream.ts'),
    workerOf('ingest', 'scripts/planet/entries/ingest.ts'),
    workerOf('edge', 'scripts/planet/entries/kv.ts'),
  ]);
  return new Map<ProcessName, V4WorkerOptions>([
    ...CLOUDFLARE_POPS.map((pop): [ProcessName, V4WorkerOptions] => [edgeOf(pop), edgeOptions(edge, pop, sources)]),
    ['control', controlOptions(control, sources)],
    ['publisher', publisherOptions(publisher, sources)],
    ['stream', streamOptions(stream, sources)],
    ['ingest', ingestOptions(ingest, sources)],
    ['kv', kvOptions(kv)],
  ]);
}

function edgeOptions(edge: BuiltWorker, pop: PopName, sources: WorkerSources): V4WorkerOptions {
  const { keys, offlineDefaults, revalidateAfterMs, staleAfterMs, links } = sources;
  const { region, cloud } = POPS[pop];
  const vars = {
    REGION: region,
    CLOUD: cloud,
    POP: pop,
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    SDK_KEYS: JSON.stringify(sdkKeyRecords(keys)),
    REVALIDATE_AFTER_MS: String(revalidateAfterMs),
    STALE_AFTER_MS: String(staleAfterMs),
    INGEST_KEY: keys.bearer.ingest,
    UNIT_KEY: keys.unit,
    OFFLINE_DEFAULTS: offlineDefaults,
  };
  return deployed(edge, vars, {
    STREAM_LINK: handlerOf(links.get(`${edgeOf(pop)}/stream`)),
    KV_LINK: handlerOf(links.get(`${edgeOf(pop)}/kv`)),
    INGEST_LINK: handlerOf(links.get(`${edgeOf(pop)}/ingest`)),
  });
}

/** It pushes to the regions of Cloudflare's POPs, which are objects of its own. All that it calls is ingest, at an address that is nobody's. */
function streamOptions(stream: BuiltWorker, { keys, links }: WorkerSources): V4WorkerOptions {
  const vars = {
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    SDK_KEYS: JSON.stringify(streamKeyRecords(keys)),
    REGIONS: JSON.stringify(CLOUDFLARE_POPS.map((pop) => POPS[pop].region)),
    INGEST_URL: 'http://ingest',
    INGEST_KEY: keys.bearer.ingest,
  };
  const options = deployed(stream, vars, { KV_LINK: handlerOf(links.get('stream/kv')) });
  return { ...options, outboundService: handlerOf(links.get('stream/ingest')) };
}

function ingestOptions(ingest: BuiltWorker, { keys, links }: WorkerSources): V4WorkerOptions {
  const vars = {
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    SDK_KEYS: JSON.stringify(ingestKeyRecords(keys)),
    ARCHIVE_AFTER_MS: String(ARCHIVE_AFTER_MS),
  };
  return deployed(ingest, vars, { KV_LINK: handlerOf(links.get('ingest/kv')) });
}

/**
 * What it calls is the publisher and ingest, at addresses that are nobody's: links lead there. And receivers of webhooks, wherever they
 * are.
 */
function controlOptions(control: BuiltWorker, { keys, links }: WorkerSources): V4WorkerOptions {
  const vars = {
    AUDIT_ORIGIN,
    CHECKPOINT_KEYS: JSON.stringify([keys.checkpoint]),
    PUBLISHERS: JSON.stringify({ [ENVIRONMENT]: { url: 'http://publisher', key: keys.bearer.control } }),
    INGESTS: JSON.stringify({ [ENVIRONMENT]: { url: 'http://ingest', key: keys.bearer.keyUse } }),
    DIRECTORY: JSON.stringify(controlDirectory(keys)),
    WEBHOOK_KEYS: JSON.stringify([keys.webhooks]),
    // One's own receivers are on this machine too.
    WEBHOOKS_ALLOW_PRIVATE: 'true',
  };
  const network = { allow: ['public', 'private'], tlsOptions: { trustBrowserCas: true } };
  const options = deployed(control, vars, { WEBHOOK_OUT: { network } });
  return { ...options, outboundService: controlHandler(links) };
}

function controlHandler(links: ReadonlyMap<LinkName, Link>): V4FetchHandler {
  const publisher = handlerOf(links.get('control/publisher'));
  const ingest = handlerOf(links.get('control/ingest'));
  return (request, ...rest) => (new URL(request.url).hostname === 'ingest' ? ingest : publisher)(request, ...rest);
}

function publisherOptions(publisher: BuiltWorker, { keys, links }: WorkerSources): V4WorkerOptions {
  const vars = {
    PUBLISHER_KEYS: JSON.stringify(publisherKeyRecords(keys)),
    SIGNING_KEY: JSON.stringify({ ...keys.signing.privateJwk, kid: keys.signing.kid, alg: 'ES256' }),
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    AKAMAI_VIEWS: JSON.stringify([{ name: VIEW, namespace: '*' }]),
    EDGEKV_NAMESPACE,
    EDGEKV_GROUP,
    EDGEKV_NETWORKS: JSON.stringify(NETWORKS),
    EDGEGRID: JSON.stringify(keys.edgeGrid),
    STREAM_KEY: keys.bearer.stream,
    SOAK_MS: String(SOAK_MS),
  };
  return deployed(publisher, vars, {
    KV_LINK: handlerOf(links.get('publisher/kv')),
    EDGEKV_LINK: edgeKvHandler(links),
    STREAM_LINK: handlerOf(links.get('publisher/stream')),
  });
}

/** Each network is reached over a link of its own. */
function edgeKvHandler(links: ReadonlyMap<LinkName, Link>): V4FetchHandler {
  const staging = handlerOf(links.get('publisher/edgekv-staging'));
  const production = handlerOf(links.get('publisher/edgekv-production'));
  return (request, ...rest) => (request.url.includes('/networks/staging/') ? staging : production)(request, ...rest);
}

interface BuiltWorker extends DeployedWorker {
  readonly env: string;
  readonly script: string;
}

async function workerOf(env: string, entry: string): Promise<BuiltWorker> {
  const [script, worker] = await Promise.all([buildWorker(entry), deployedWorker(env)]);
  return { env, script, ...worker };
}

/** A Worker of `wrangler.toml`; its stores and services, and objects of other Workers, where it has any, are the links. */
function deployed(
  { env, script, options: { kvNamespaces: _stores, durableObjects, ...options } }: BuiltWorker,
  vars: Readonly<Record<string, string>>,
  links: Readonly<Record<string, V4ServiceDesignator>> = {},
): V4WorkerOptions {
  const bindings = { ...options.bindings, ENVIRONMENT, ...vars };
  return {
    ...options,
    durableObjects: ownObjects(durableObjects),
    name: env,
    modules: true,
    script,
    bindings,
    serviceBindings: { ...links },
  };
}

function ownObjects(objects: BuiltWorker['options']['durableObjects'] = {}): typeof objects {
  const isOwn = (object: (typeof objects)[string]): boolean =>
    typeof object === 'string' || object.scriptName === undefined;
  return Object.fromEntries(Object.entries(objects).filter(([, object]) => isOwn(object)));
}

/** On the date that the POPs have. */
const kvOptions = ({ script, options: { compatibilityDate } }: BuiltWorker): V4WorkerOptions => ({
  name: 'kv',
  modules: true,
  script,
  ...(compatibilityDate && { compatibilityDate }),
  kvNamespaces: ['RULESETS'],
});

/** Miniflare has request and response types of its own: the same objects to whoever reads them. */
function handlerOf(link: Link | undefined): V4FetchHandler {
  if (link === undefined) throw new Error('a Worker is bound to a link that the layout does not have');
  return ((request: unknown) => link.pass(request as Request)) as unknown as V4FetchHandler;
}
