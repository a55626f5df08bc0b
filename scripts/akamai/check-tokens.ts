/** Whether a bundle brings a token for the EdgeKV namespace of its settings: its own two files are read in the sandbox, as what they are. */
import { startEdgeWorker } from '../edgeworkers/edge-worker.ts';
import type { Check } from './check-bundle.ts';
import { packTgz } from './pack-tgz.ts';
import { SAMPLE_EVENT } from './sample-event.ts';

const PROBE = `
  import { edgekv_access_tokens as tokens } from './edgekv_tokens.js';
  import { settings } from './lockstep-settings.js';
  export function onClientRequest(request) {
    const { value, reference } = tokens['namespace-' + settings.EDGEKV_NAMESPACE] ?? {};
    request.respondWith(200, {}, value === undefined && reference === undefined ? 'none' : 'there');
  }
`;
const MANIFEST = JSON.stringify({ 'edgeworker-version': 'probe' });

/** `scripts` are a bundle's, by path. */
export async function checkTokens(scripts: Readonly<Record<string, string>>): Promise<Check> {
  const others = ['edgekv_tokens.js', 'lockstep-settings.js'].map((name) => ({ name, data: scripts[name] ?? '' }));
  const files = [{ name: 'main.js', data: PROBE }, { name: 'bundle.json', data: MANIFEST }, ...others];
  try {
    const worker = await startEdgeWorker({ tgz: packTgz(files), tier: 'enterprise' });
    const { report, effects } = await worker.handle('onClientRequest', SAMPLE_EVENT);
    await worker.stop();
    const found = effects?.responded?.body ?? report.statusMessage;
    if (found === 'there') return { check: 'EdgeKV token', found, verdict: 'ok' };
    const why = found === 'none' ? 'none for the namespace of the settings yet' : found;
    return { check: 'EdgeKV token', found: why, verdict: 'note' };
  } catch (error) {
    return { check: 'EdgeKV token', found: error instanceof Error ? error.message : String(error), verdict: 'failed' };
  }
}
