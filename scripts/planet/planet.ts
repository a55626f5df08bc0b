/** The planet: its processes, the links between them, and the faults on those. */
import { setTimeout as sleep } from 'node:timers/promises';
import { edgeWorkerKind } from './akamai/edge-worker-pop.ts';
import { openAccount } from './akamai/edgekv-account.ts';
import { edgeKvKind } from './akamai/edgekv-process.ts';
import { edgeKvSide } from './akamai/edgekv-side.ts';
import { popBundles } from './akamai/pop-bundles.ts';
import { bookingServer } from './bookings.ts';
import { createFaults, type Faults } from './faults.ts';
import { forward } from './forward.ts';
import type { PlanetKeys } from './keys.ts';
import { createKvSide } from './kv-side.ts';
import {
  bookingOf,
  edgeOf,
  endsOf,
  LINK_NAMES,
  type LinkName,
  ORIGIN_NAMES,
  type OriginName,
  PORTS,
  PROCESS_NAMES,
  type ProcessName,
  relayOf,
} from './layout.ts';
import { createLink, type Link } from './link.ts';
import { serveLink } from './link-server.ts';
import { nodeServerKind } from './node-server.ts';
import { type PlanetProcess, type ProcessKind, startProcess } from './planet-process.ts';
import { relayServer } from './relays.ts';
import { workerOptions } from './worker-options.ts';
import { workerdKind } from './workerd.ts';

export interface PlanetOptions {
  readonly keys: PlanetKeys;
  readonly offlineDefaults: string;
  readonly staleAfterMs: number;
  /** Says how far it is. */
  readonly progress: (text: string) => void;
  /** Called when a process has come up, or has another pid. */
  readonly onChange: (processes: Planet['processes']) => void;
}

export interface Planet {
  readonly processes: ReadonlyMap<ProcessName, PlanetProcess>;
  readonly links: ReadonlyMap<LinkName, Link>;
  readonly faults: Faults;
  /** Starts relays and services, which are best begun where there is something to serve: who finds nothing looks again only later. */
  startOrigins(): Promise<void>;
}

/** How often POPs look for news (milliseconds). */
const REVALIDATE_AFTER_MS = 1_000;

export async function startPlanet(options: PlanetOptions): Promise<Planet> {
  const { progress, onChange } = options;
  const processes = new Map<ProcessName, PlanetProcess>();
  const faults = createFaults(Date.now);
  const links = createLinks(processes, faults);

  async function start(name: ProcessName, kind: ProcessKind): Promise<PlanetProcess> {
    const started = await startProcess({ name, port: PORTS[name], kind, onChange: () => onChange(processes) });
    processes.set(name, started);
    onChange(processes);
    progress(`${name} is up (${processes.size} of ${PROCESS_NAMES.length})`);
    return started;
  }

  progress(`building, and starting ${PROCESS_NAMES.join(', ')}`);
  // Side by side: each is a process of its own, and takes most of its time to itself.
  await Promise.all([startWorkers(options, links, start), startAkamai(options, links, start)]);
  return { processes, links, faults, startOrigins: () => startOrigins(options, links, start) };
}

type Start = (name: ProcessName, kind: ProcessKind) => Promise<PlanetProcess>;

async function startWorkers(options: PlanetOptions, links: Planet['links'], start: Start): Promise<void> {
  const workers = await workerOptions({ ...options, revalidateAfterMs: REVALIDATE_AFTER_MS, links });
  await Promise.all([...workers].map(([name, worker]) => start(name, workerdKind(name, worker))));
}

/** EdgeKV comes first: the POPs' bundles hold a token of its. */
async function startAkamai(options: PlanetOptions, links: Planet['links'], start: Start): Promise<void> {
  const { keys } = options;
  const { url } = await start('edgekv', edgeKvKind(keys.edgeGrid));
  const token = await openAccount(url, keys.edgeGrid, new Date());
  await Promise.all(
    AKAMAI_POPS.map(async ([pop, flavour]) => {
      const bundles = await popBundles({ ...options, pop, flavour, token, revalidateAfterMs: REVALIDATE_AFTER_MS });
      const [edgeKv, ingest] = [links.get(`${edgeOf(pop)}/edgekv`) as Link, links.get(`${edgeOf(pop)}/ingest`) as Link];
      await start(edgeOf(pop), edgeWorkerKind({ pop, bundles, edgeKv, ingest }));
    }),
  );
}

async function startOrigins(options: PlanetOptions, links: Planet['links'], start: Start): Promise<void> {
  await Promise.all(ORIGIN_NAMES.map((origin) => startOrigin(options, links, start, origin)));
}

async function startOrigin(
  options: PlanetOptions,
  links: Planet['links'],
  start: Start,
  origin: OriginName,
): Promise<void> {
  const [relay, booking] = [relayOf(origin), bookingOf(origin)];
  const [streamUrl, ingestUrl, relayUrl] = await Promise.all([
    serveLink(links.get(`${relay}/stream`) as Link),
    serveLink(links.get(`${relay}/ingest`) as Link),
    serveLink(links.get(`${booking}/${relay}`) as Link),
  ]);
  await Promise.all([
    start(relay, nodeServerKind(relay, await relayServer({ ...options, origin, streamUrl, ingestUrl }))),
    start(booking, nodeServerKind(booking, bookingServer({ ...options, origin, relayUrl }))),
  ]);
}

/** Each flavour of the bundles runs in one. */
const AKAMAI_POPS = [
  ['ams', 'module'],
  ['nrt', 'lru'],
] as const;

function createLinks(processes: Planet['processes'], faults: Faults): ReadonlyMap<LinkName, Link> {
  const call = (to: ProcessName) => (request: Request) => {
    const url = processes.get(to)?.url;
    return url === undefined ? Promise.reject(new Error(`${to} has not started yet`)) : forward(request, url);
  };
  const kv = createKvSide({ store: call('kv'), now: Date.now });
  const deps = { faults, random: Math.random, sleep: (milliseconds: number) => sleep(milliseconds) };
  return new Map(
    LINK_NAMES.map((name) => {
      const [from, to] = endsOf(name);
      const lagMs = (): number => faults.find(name, 'lag')?.ms ?? 0;
      return [name, createLink(name, farEnd(from, to, lagMs), deps)];
    }),
  );

  function farEnd(from: ProcessName, to: ProcessName, lagMs: () => number): (request: Request) => Promise<Response> {
    switch (to) {
      case 'kv':
        return (request) => kv.answer(request, from, lagMs());
      case 'edgekv':
        return edgeKvSide(call(to), from, lagMs);
      default:
        return call(to);
    }
  }
}
