/** Hands a beacon to ingest. */

/** The service that takes beacons: a binding, or what stands for one. */
export interface IngestService {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** The way to it. */
export interface IngestWay {
  readonly service: IngestService;
  readonly ingestKey: string;
}

/** Service bindings look at the path alone. */
const EXPOSURES = 'https://ingest/v1/exposures';
/** Below this many characters compressing costs more than it saves. */
const MIN_GZIP = 1_024;

/** Rejects where nobody answers. */
export async function postBeacon(beacon: string, { service, ingestKey }: IngestWay): Promise<Response> {
  const headers = new Headers({ authorization: `Bearer ${ingestKey}`, 'content-type': 'application/json' });
  if (beacon.length < MIN_GZIP) return service.fetch(EXPOSURES, { method: 'POST', headers, body: beacon });
  headers.set('content-encoding', 'gzip');
  const zipped = new Blob([beacon]).stream().pipeThrough(new CompressionStream('gzip'));
  return service.fetch(EXPOSURES, { method: 'POST', headers, body: await new Response(zipped).arrayBuffer() });
}
