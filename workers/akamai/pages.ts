/**
 * The EdgeWorker for pages: `onClientRequest` decides and hands on, `onClientResponse` tells by what. Whatever happens, a request goes on:
 * with what was last known, with the offline defaults, or undecided.
 */
import { logger } from 'log';
import { keep } from '#keep';
import { FOR_SHARED_CACHES, isPrivate, PRIVATE } from '#sdk/edge/shared-caches';
import { readProvenance } from './hand-off.ts';
import { bindings, lockstep, logError } from './instance.ts';
import { DECISIONS, decidePage, type HandOff, HEADER, isUndecided, undecided } from './page.ts';
import { readPageSettings, unitCookieIn } from './page-settings.ts';
import { isPopPath } from './pop-route.ts';
import { provenanceHeaders } from './provenance.ts';
import { rehearse } from './rehearsal.ts';

// One that fails costs the first event some time, and nothing else.
rehearse().catch(() => undefined);

export async function onClientRequest(request: EW.IngressClientRequest): Promise<void> {
  try {
    // What comes under this name from outside is nobody's decision.
    removeDecisions(request);
    // What a POP answers is nobody's page: it must not differ by what a page would.
    if (isPopPath(request.path)) return;
    const { settings, inForce } = lockstep();
    const asked = keep('pages', () => readPageSettings(bindings, settings));
    if (asked.flags.length === 0) return;
    const current = await inForce();
    if (current.fault !== undefined) logger.warn('lockstep: %s', current.fault);
    handOn(request, decidePage(current, asked, request));
  } catch (error) {
    // The page is worth more than its flags: the origin decides.
    logError(error);
    leave(request);
  }
}

/** To the origin, as far as the platform lets it. */
function leave(request: EW.IngressClientRequest): void {
  for (const step of [removeDecisions, handOnNone]) {
    try {
      step(request);
    } catch (error) {
      logError(error);
    }
  }
}

const removeDecisions = (request: EW.IngressClientRequest): void => request.removeHeader(HEADER);

const handOnNone = (request: EW.IngressClientRequest): void => handOn(request, undecided(unitCookieIn(bindings)));

/** Variables last, the decisions last of them: where one is refused, no later handler takes the page for decided. */
function handOn(request: EW.IngressClientRequest, { variables, cachedBy, headers }: HandOff): void {
  for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
  if (cachedBy.cookie !== undefined) request.cacheKey.includeCookie(cachedBy.cookie);
  request.cacheKey.includeVariable(cachedBy.variable);
  for (const [name, value] of Object.entries(variables)) request.setVariable(name, value);
}

export function onClientResponse(request: EW.EgressClientRequest, response: EW.EgressClientResponse): void {
  try {
    const provenance = readProvenance(request.getVariable(DECISIONS));
    if (provenance !== undefined || isUndecided(request)) keepPrivate(response);
    if (provenance === undefined) return;
    const headers = provenanceHeaders(provenance);
    response.setHeader('Lockstep-Version', headers['lockstep-version']);
    response.addHeader('Server-Timing', headers['server-timing']);
  } catch (error) {
    logError(error);
  }
}

/** Only now, behind the property's own cache: that keeps variations apart, and nobody's between here and the user does. */
function keepPrivate(response: EW.EgressClientResponse): void {
  if (!isPrivate((response.getHeader('Cache-Control') ?? []).join(','))) response.setHeader('Cache-Control', PRIVATE);
  for (const name of FOR_SHARED_CACHES) if (!isPlatforms(name)) response.removeHeader(name);
}

/** The platform lets nobody change its own. */
const isPlatforms = (header: string): boolean => header.startsWith('akamai-');
