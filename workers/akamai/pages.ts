/**
 * The EdgeWorker for pages: `onClientRequest` decides and hands on, `onClientResponse` tells by what. Whatever happens, a request goes on:
 * with what was last known, with the offline defaults, or undecided.
 */
import { logger } from 'log';
import { keep } from '#keep';
import { provenanceHeaders, readProvenance } from './hand-off.ts';
import { lockstep, logError } from './instance.ts';
import { settings as bindings } from './lockstep-settings.js';
import { DECISIONS, decidePage, type HandOff, HEADER, UNDECIDED } from './page.ts';
import { readPageSettings } from './page-settings.ts';
import { isPopPath } from './pop-route.ts';
import { rehearse } from './rehearsal.ts';

// One that fails costs the first event some time, and nothing else.
rehearse().catch(() => undefined);

export async function onClientRequest(request: EW.IngressClientRequest): Promise<void> {
  // What comes under this name from outside is nobody's decision.
  request.removeHeader(HEADER);
  // What a POP answers is nobody's page: it must not differ by what a page would.
  if (isPopPath(request.path)) return;
  try {
    const { settings, inForce, status } = lockstep();
    const asked = keep('pages', () => readPageSettings(bindings, settings));
    if (asked.flags.length === 0) return;
    const current = await inForce();
    const { lastFault } = status();
    if (lastFault !== undefined) logger.warn('lockstep: %s', lastFault);
    handOn(request, decidePage(current, asked, request));
  } catch (error) {
    // The page is worth more than its flags: the origin decides.
    logError(error);
    handOn(request, UNDECIDED);
  }
}

function handOn(request: EW.IngressClientRequest, { variables, cachedBy, headers }: HandOff): void {
  for (const [name, value] of Object.entries(variables)) request.setVariable(name, value);
  request.cacheKey.includeVariable(cachedBy);
  for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
}

export function onClientResponse(request: EW.EgressClientRequest, response: EW.EgressClientResponse): void {
  const provenance = readProvenance(request.getVariable(DECISIONS));
  if (provenance === undefined) return;
  const headers = provenanceHeaders(provenance);
  response.setHeader('Lockstep-Version', headers['lockstep-version']);
  response.addHeader('Server-Timing', headers['server-timing']);
}
