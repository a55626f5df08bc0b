/** Who asks, by what the request says and the platform vouches for. Pure. */

/** As much of a request as is looked at. */
export interface VisitorRequest {
  getHeader(name: string): string[] | null | undefined;
  readonly userLocation?: { readonly country?: string | undefined } | null | undefined;
}

/** OpenFeature's context. A key that is missing leaves splits out, and nobody in bucket 0. */
export function visitorOf(request: VisitorRequest, unitCookie: string): Readonly<Record<string, unknown>> {
  const key = cookieOf(request.getHeader('Cookie'), unitCookie);
  return { ...(key !== undefined && { targetingKey: key }), ...trustedLocation(request) };
}

/** The first cookie of that name, decoded; undefined where there is none, or none that can be decoded. */
function cookieOf(headers: string[] | null | undefined, name: string): string | undefined {
  for (const pair of (headers ?? []).join(';').split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/**
 * The platform takes the location from `X-Forwarded-For` where there is one: then it is the caller's word, and left out. An address that is
 * nowhere has a country, too: `reserved`.
 */
function trustedLocation(request: VisitorRequest): { readonly country?: string } {
  const country = request.userLocation?.country;
  if (typeof country !== 'string' || country === 'reserved') return {};
  return request.getHeader('X-Forwarded-For') == null ? { country } : {};
}
