/** Asks a bundle of our own making in the sandbox: what is in people's files shows by running them. */
import { startEdgeWorker } from '../edgeworkers/edge-worker.ts';
import { packTgz } from './pack-tgz.ts';
import { SAMPLE_EVENT } from './sample-event.ts';

export type ProbeAnswer =
  | { readonly body: string; readonly fault?: undefined }
  | { readonly body?: undefined; readonly fault: string };

const MANIFEST = JSON.stringify({ 'edgeworker-version': 'probe' });

/** `scripts` by path; `main.js` answers by `onClientRequest` and `respondWith`. Sub-requests find nobody. */
export async function probe(scripts: Readonly<Record<string, string>>): Promise<ProbeAnswer> {
  const files = Object.entries({ 'bundle.json': MANIFEST, ...scripts }).map(([name, data]) => ({ name, data }));
  try {
    const worker = await startEdgeWorker({ tgz: packTgz(files), tier: 'enterprise' });
    const { report, effects } = await worker.handle('onClientRequest', SAMPLE_EVENT);
    await worker.stop();
    const body = effects?.responded?.body;
    return body === undefined ? { fault: `${report.status}: ${report.statusMessage}` } : { body };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
