/**
 * A POP of Akamai's: a property on a port of its own, and behind it two EdgeWorkers, one for pages and one for OFREP, each in a process of
 * its own. The process that the planet knows is the one for OFREP: without it, the POP decides nothing for services.
 */
import { type EdgeWorker, startEdgeWorker } from '../../edgeworkers/edge-worker.ts';
import { EDGEKV_HOST } from '../../edgeworkers/edgekv/edge-api.ts';
import type { Variables } from '../../edgeworkers/property/passage.ts';
import { serveProperty } from '../../edgeworkers/property/serve-property.ts';
import { edgeOf, POPS, type PopName } from '../layout.ts';
import type { Link } from '../link.ts';
import { labelOf } from '../planet-pids.ts';
import type { Booted, ProcessEvents, ProcessKind } from '../planet-process.ts';
import { FAILURE_HEADER } from '../wire.ts';
import { originPage } from './origin-page.ts';
import { INGEST_HOST, type PopBundles } from './pop-bundles.ts';

export interface EdgeWorkerPop {
  readonly pop: PopName;
  readonly bundles: PopBundles;
  readonly edgeKv: Link;
  readonly ingest: Link;
}

/** The planet shows what is decided, and leaves limits of CPU time to tests: its machine is a busy one. */
const CPU_SLACK = 10;
/** As for a workerd: for longer than it takes to start. */
const GRACE_MS = 3_000;

export const edgeWorkerKind = (options: EdgeWorkerPop): ProcessKind => ({
  graceMs: GRACE_MS,
  boot: (port, events) => boot(options, port, events),
});

async function boot(options: EdgeWorkerPop, port: number, events: ProcessEvents): Promise<Booted> {
  const started: EdgeWorker[] = [];
  try {
    const pages = await start(options, 'pages', started, () => {});
    const ofrep = await start(options, 'ofrep', started, () => {
      events.ended();
      ofrep
        .revive()
        .then(events.revived, (error: unknown) => events.log(`error: does not come back: ${String(error)}`));
    });
    const property = await serve(options, { pages, ofrep }, port, events);
    return {
      url: property.url,
      pid: ofrep.pid,
      async end() {
        await property.stop();
        await stopAll(started);
      },
    };
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

async function start(
  { pop, bundles, edgeKv, ingest }: EdgeWorkerPop,
  part: keyof PopBundles,
  started: EdgeWorker[],
  ended: () => void,
): Promise<EdgeWorker> {
  const edgeWorker = await startEdgeWorker({
    tgz: bundles[part],
    tier: 'basic',
    instances: 'reused',
    cpuSlack: CPU_SLACK,
    hosts: { [EDGEKV_HOST]: (request) => over(edgeKv, request), [INGEST_HOST]: (request) => over(ingest, request) },
    env: labelOf(part === 'ofrep' ? edgeOf(pop) : `${edgeOf(pop)}-${part}`),
    ended,
  });
  started.push(edgeWorker);
  return edgeWorker;
}

const stopAll = (edgeWorkers: readonly EdgeWorker[]): Promise<unknown> =>
  Promise.all(edgeWorkers.map(({ stop }) => stop()));

function serve(
  { pop }: EdgeWorkerPop,
  edgeWorkers: Readonly<Record<keyof PopBundles, EdgeWorker>>,
  port: number,
  { log }: ProcessEvents,
): ReturnType<typeof serveProperty> {
  let pages = 0;
  return serveProperty({
    edgeWorker: (path) => edgeWorkers[isOfrep(path) ? 'ofrep' : 'pages'],
    port,
    variables: (path) => (isOfrep(path) ? FOR_OFREP : {}),
    // Only an EdgeWorker says what was decided: also where it fails, and where none runs.
    removedHeaders: ['lockstep-decisions'],
    onError: 'continue',
    origin: async (request) => originPage(request, POPS[pop].city, pages++, new Date()),
    observe: ({ event, status, statusMessage, log: written }) => {
      if (status !== 'Success') log(`error: ${event}: ${status}: ${statusMessage}`);
      if (written !== '') log(`${event}: ${written}`);
    },
  });
}

/** Rejects where the other end cannot be reached, as the platform's sub-requests do. */
async function over(link: Link, request: Request): Promise<Response> {
  const response = await link.pass(request);
  if (response.headers.has(FAILURE_HEADER)) throw new Error('the sub-request failed');
  return response;
}

/** The property's rules: what OFREP's EdgeWorker answers. All else are pages. */
const OFREP = /^\/(?:(?:ofrep|v1)\/|livez$)/;
const isOfrep = (path: string): boolean => OFREP.test(path);

/** Pages of other origins ask by CORS. */
const FOR_OFREP: Variables = { PMUSER_EW_ENABLE_OPTIONS: 'true' };
