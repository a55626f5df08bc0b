import type { Place } from '#core/context';

/** The colo is the platform's word, not a header's: a caller cannot choose it. */
export function placeFor(request: Request, place: Place): Place {
  if (place.pop !== undefined) return place;
  const colo: unknown = (request as { cf?: { colo?: unknown } }).cf?.colo;
  return typeof colo === 'string' ? { ...place, pop: colo.toLowerCase() } : place;
}
