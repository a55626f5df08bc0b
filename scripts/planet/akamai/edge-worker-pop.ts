/** A POP of Akamai's: a property on a port of its own, and behind it the EdgeWorker in a process of its own. */
import { startEdgeWorker } from '../../edgeworkers/edge-worker.ts';
import { EDGEKV_HOST } from '../../edgeworkers/edgekv/edge-api.ts';
import type { HttpResponse } from '../../edgeworkers/http-message.ts';
import type { Variables } from '../../edgeworkers/property/passage.ts';
import { serveProperty } from '../../edgeworkers/property/serve-property.ts';
import { edgeOf, POPS, type PopName } from '../layout.ts';
import type { Link } from '../link.ts';
import { labelOf } from '../planet-pids.ts';
import type { Booted, ProcessEvents, ProcessKind } from '../planet-process.ts';
import { FAILURE_HEADER } from '../wire.ts';
import { originPage } from './origin-page.ts';

export interface EdgeWorkerPop {
  readonly pop: PopName;
  /** What is uploaded. */
  readonly tgz: Uint8Array;
  readonly edgeKv: Link;
}

/** The planet shows what is decided, and leaves limits of CPU time to tests: its machine is a busy one. */
const CPU_SLACK = 10;
/** As for a workerd: for longer than it takes to start. */
const GRACE_MS = 3_000;

export const edgeWorkerKind = (options: EdgeWorkerPop): ProcessKind => ({
  graceMs: GRACE_MS,
  boot: (port, events) => boot(options, port, events),
});

async function boot({ pop, tgz, edgeKv }: EdgeWorkerPop, port: number, events: ProcessEvents): Promise<Booted> {
  const { log, ended, revived } = events;
  const edgeWorker = await startEdgeWorker({
    tgz,
    tier: 'basic',
    instances: 'reused',
    cpuSlack: CPU_SLACK,
    hosts: { [EDGEKV_HOST]: (request) => over(edgeKv, request) },
    env: labelOf(edgeOf(pop)),
    ended() {
      ended();
      edgeWorker.revive().then(revived, (error: unknown) => log(`error: does not come back: ${String(error)}`));
    },
  });
  let pages = 0;
  try {
    const property = await serveProperty({
      edgeWorker,
      port,
      variables: rules,
      onError: 'continue',
      origin: async (request) =>
        isForProvider(request.url) ? UNANSWERED : originPage(request, POPS[pop].city, pages++, new Date()),
      observe: ({ event, status, statusMessage, log: written }) => {
        if (status !== 'Success') log(`error: ${event}: ${status}: ${statusMessage}`);
        if (written !== '') log(`${event}: ${written}`);
      },
    });
    return {
      url: property.url,
      pid: edgeWorker.pid,
      async end() {
        await property.stop();
        await edgeWorker.stop();
      },
    };
  } catch (error) {
    await edgeWorker.stop();
    throw error;
  }
}

/** Rejects where the other end cannot be reached, as the platform's sub-requests do. */
async function over(link: Link, request: Request): Promise<Response> {
  const response = await link.pass(request);
  if (response.headers.has(FAILURE_HEADER)) throw new Error('the sub-request failed');
  return response;
}

const PROVIDED = /^\/(?:ofrep|v1)\//;
const isForProvider = (url: string): boolean => PROVIDED.test(url);

/** The property's rules: OFREP and the status come from the EdgeWorker itself, pages from the origin. Events not needed cost nothing. */
const rules = (path: string): Variables => (isForProvider(path) ? FOR_PROVIDER : FOR_PAGES);

const FOR_PAGES: Variables = { PMUSER_BYPASS_EW_RP_EVENT: 'true' };
const FOR_PROVIDER: Variables = {
  PMUSER_BYPASS_EW_CLTREQ_EVENT: 'true',
  PMUSER_BYPASS_EW_CLTRESP_EVENT: 'true',
  // Pages of other origins ask by CORS.
  PMUSER_EW_ENABLE_OPTIONS: 'true',
};

/** What is asked of an EdgeWorker that has failed is nothing that the origin knows. */
const UNANSWERED: HttpResponse = {
  status: 503,
  headers: [
    ['Content-Type', 'application/problem+json'],
    ['Cache-Control', 'no-store'],
  ],
  body: new TextEncoder().encode(
    JSON.stringify({ title: 'Service Unavailable', status: 503, detail: 'the EdgeWorker has failed; ask again' }),
  ),
};
