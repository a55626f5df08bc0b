/**
 * Runs each handler of a bundle once in the sandbox, with an EdgeKV that has nothing: a global that the platform has not, a start that
 * takes too long, and settings that the EdgeWorker cannot read, show here.
 */
import { startEdgeWorker } from '../edgeworkers/edge-worker.ts';
import { EDGEKV_HOST } from '../edgeworkers/edgekv/edge-api.ts';
import type { EventReport } from '../edgeworkers/event.ts';
import { TIERS } from '../edgeworkers/tiers.ts';
import type { Check } from './check-bundle.ts';
import { SAMPLE_EVENT } from './sample-event.ts';

const nothing = async (): Promise<Response> => new Response('', { status: 404 });

/** On the smallest tier: what runs there runs on all. `isConfigured` as `checkBundle` has it. */
export async function checkRun(tgz: Uint8Array, isConfigured: boolean): Promise<readonly Check[]> {
  try {
    const reports = await runAll(tgz);
    const failure = reports.find(({ status }) => status !== 'Success');
    const initMs = Math.max(...reports.map(({ initCpuMs }) => initCpuMs));
    const { initCpuMs: limitMs } = TIERS.basic;
    return [
      settingsCheck(reports, isConfigured),
      { check: 'start-up CPU', found: `${initMs.toFixed(1)} of ${limitMs} ms`, verdict: verdictOf(initMs <= limitMs) },
      {
        check: 'a run of each handler',
        found: failure ? `${failure.event}: ${failure.status}: ${failure.statusMessage}` : 'Success',
        verdict: verdictOf(failure === undefined),
      },
    ];
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [{ check: 'a run of each handler', found, verdict: 'failed' }];
  }
}

/** Until one fails. */
async function runAll(tgz: Uint8Array): Promise<readonly EventReport[]> {
  const worker = await startEdgeWorker({ tgz, tier: 'basic', instances: 'fresh', hosts: { [EDGEKV_HOST]: nothing } });
  const reports: EventReport[] = [];
  for (const event of worker.handlers) {
    const { report } = await worker.handle(event, SAMPLE_EVENT);
    reports.push(report);
    if (report.status !== 'Success') break;
  }
  await worker.stop();
  return reports;
}

/**
 * An EdgeWorker whose settings are wrong serves on without flags, and says why in its log alone, as an error: better that it is known
 * before. That EdgeKV has nothing is a warning.
 */
function settingsCheck(reports: readonly EventReport[], isConfigured: boolean): Check {
  const [fault] = reports.flatMap(({ log }) => log.split('|').filter((entry) => entry.startsWith('E:')));
  if (fault === undefined) return { check: 'settings', found: 'as the EdgeWorker reads them', verdict: 'ok' };
  return {
    check: 'settings',
    found: fault.replace(/^E:\S* (?:lockstep: )?/, ''),
    verdict: isConfigured ? 'failed' : 'note',
  };
}

const verdictOf = (isGood: boolean): Check['verdict'] => (isGood ? 'ok' : 'failed');
