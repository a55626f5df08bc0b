/** Caching of answers that depend on decisions: never in a cache that others share. */

/** Headers that would let somebody else's cache keep, or revalidate, a page that was made for one user. */
const SHARED = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'akamai-cache-control',
  'edge-control',
  'surrogate-control',
  'expires',
  'age',
];
/** Of the body as it was before decisions were put in. */
const OF_BODY = [
  'etag',
  'last-modified',
  'content-length',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'accept-ranges',
];

/** The same answer as `private`; `rewritten` where its body is no longer what its validators speak of. */
export function keepPrivate(response: Response, rewritten: boolean): Response {
  const answer = new Response(response.body, response);
  const { headers } = answer;
  for (const name of rewritten ? [...SHARED, ...OF_BODY] : SHARED) headers.delete(name);
  if (!isPrivate(headers.get('cache-control') ?? '')) headers.set('cache-control', 'private, no-cache');
  return answer;
}

/** `private="set-cookie"` is about that header alone, and what others quote is no directive (RFC 9111, 5.2.2). */
const isPrivate = (cacheControl: string): boolean =>
  /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i.test(cacheControl.replace(/"[^"]*"/g, '""'));
