/**
 * The EdgeWorker. `onClientRequest` decides and hands on, `onClientResponse` tells by what. Whatever happens, a request goes on: with
 * what was last known, with the offline defaults, or undecided.
 */
import { crypto } from 'crypto';
import { httpRequest } from 'http-request';
import { logger } from 'log';
import { createContext } from '#core/context';
import { keep } from '#keep';
import type { Subtle } from '#ruleset/web-crypto';
import { decideAll } from './decide.ts';
import { edgekv_access_tokens } from './edgekv_tokens.js';
import { readProvenance, variationKey, writeHandOff } from './hand-off.ts';
import { createLockstep, type Lockstep } from './lockstep.ts';
import { settings as bindings } from './lockstep-settings.js';
import { visitorOf } from './visitor.ts';

/** Decisions for later event handlers, and for the property's own rules. */
const DECISIONS = 'PMUSER_LOCKSTEP';
/** What pages are cached apart by. */
const VARY_BY = 'PMUSER_LOCKSTEP_KEY';
/** The platform takes 1,024 characters of variables an event, names included; a third is left to the property's own. */
const VARIABLE_ROOM = 680;
/** To the origin. The edge alone writes it. */
const HEADER = 'Lockstep-Decisions';
const HEADER_ROOM = 4_000;

const lockstep = (): Lockstep =>
  keep('lockstep', () =>
    createLockstep({
      bindings,
      tokens: edgekv_access_tokens,
      httpRequest,
      subtle: crypto.subtle as unknown as Subtle,
      now: () => Date.now(),
    }),
  );

export async function onClientRequest(request: EW.IngressClientRequest): Promise<void> {
  // What comes under this name from outside is nobody's decision.
  request.removeHeader(HEADER);
  try {
    const { settings, inForce } = lockstep();
    const { ruleset, line, place, stale, fault, ...provenance } = await inForce();
    if (fault !== undefined) logger.warn('lockstep: %s', fault);
    const context = createContext(visitorOf(request, settings.unitCookie), place);
    const decided = decideAll(ruleset, settings.flags, context, stale);
    const key = variationKey(decided, settings.varyBy, line);
    request.setVariable(VARY_BY, key);
    request.cacheKey.includeVariable(VARY_BY);
    request.setVariable(DECISIONS, writeHandOff(provenance, decided, VARIABLE_ROOM - key.length));
    request.setHeader(HEADER, writeHandOff(provenance, decided, HEADER_ROOM));
  } catch (error) {
    // The page is worth more than its flags: the origin decides.
    logger.error('lockstep: %s', error instanceof Error ? error.message : String(error));
  }
}

export function onClientResponse(request: EW.EgressClientRequest, response: EW.EgressClientResponse): void {
  const provenance = readProvenance(request.getVariable(DECISIONS));
  if (provenance === undefined) return;
  const { version, ageMs } = provenance;
  response.setHeader('Lockstep-Version', String(version));
  response.addHeader('Server-Timing', ageMs === undefined ? 'ruleset;desc=offline' : `age;dur=${ageMs}`);
}
