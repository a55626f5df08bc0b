/** What `onClientRequest` hands on of a page's request, as plain data: the platform takes variables, parts of the cache key, headers. */
import { createContext } from '#core/context';
import { decideAll } from './decide.ts';
import { HEADER_ROOM, writeHandOff } from './hand-off.ts';
import type { InForce } from './lockstep.ts';
import type { PageSettings } from './page-settings.ts';
import { variationKey } from './variation-key.ts';
import { type VisitorRequest, visitorOf } from './visitor.ts';

/** The exposures and the consistency token of a page will go the same ways: what they need beside is theirs to add. */
export interface HandOff {
  /** For later event handlers, and for the property's own rules. */
  readonly variables: Readonly<Record<string, string>>;
  /** What pages are cached apart by: a variable, and where that is not enough a cookie. */
  readonly cachedBy: { readonly variable: string; readonly cookie?: string };
  /** For the origin. The edge alone writes them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Variables: the decisions, and what pages are cached apart by. */
export const DECISIONS = 'PMUSER_LOCKSTEP';
const CACHED_BY = 'PMUSER_LOCKSTEP_KEY';
/** A header: the decisions. What is not in it the origin decides. */
export const HEADER = 'Lockstep-Decisions';

/** The platform takes 1,024 characters of variables an event, names included; of them decisions have so many, and the rest is others'. */
const VARIABLE_ROOM = 714;

/** In the place of variations' ids where nobody decided: no variation is named so. */
const NOBODY = '!';

/** Of a page that nobody decided for. The origin decides it by the user's key, so that nobody else may be given it. */
export const undecided = (unitCookie: string): HandOff => ({
  variables: { [CACHED_BY]: NOBODY },
  cachedBy: { variable: CACHED_BY, cookie: unitCookie },
  headers: {},
});

export const isUndecided = (request: { getVariable(name: string): string | undefined }): boolean =>
  request.getVariable(CACHED_BY) === NOBODY;

export function decidePage(
  { ruleset, line, place, stale, version, ageMs }: InForce,
  { flags, varyBy, unitCookie }: PageSettings,
  request: VisitorRequest,
): HandOff {
  const decided = decideAll(ruleset, flags, createContext(visitorOf(request, unitCookie), place), stale);
  const key = variationKey(decided, varyBy, line);
  const room = VARIABLE_ROOM - `${CACHED_BY}${key}${DECISIONS}`.length;
  const provenance = { version, ageMs };
  return {
    variables: { [CACHED_BY]: key, [DECISIONS]: writeHandOff(provenance, decided, room) },
    cachedBy: { variable: CACHED_BY },
    headers: { [HEADER]: writeHandOff(provenance, decided, HEADER_ROOM) },
  };
}
