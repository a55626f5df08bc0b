/** Caching of answers that depend on decisions: never in a cache that others share. */

/** Headers that would let somebody else's cache keep, or revalidate, a page that was made for one user. */
const SHARED = ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'surrogate-control', 'expires', 'age'];
/** Of the body as it was before decisions were put in. */
const OF_BODY = ['etag', 'last-modified', 'content-length', 'content-md5', 'digest', 'repr-digest', 'accept-ranges'];

/** The same answer as `private`; `rewritten` where its body is no longer what its validators speak of. */
export function keepPrivate(response: Response, rewritten: boolean): Response {
  const answer = new Response(response.body, response);
  const { headers } = answer;
  for (const name of rewritten ? [...SHARED, ...OF_BODY] : SHARED) headers.delete(name);
  const before = headers.get('cache-control') ?? '';
  if (!/\b(?:private|no-store)\b/i.test(before)) headers.set('cache-control', 'private, no-cache');
  return answer;
}
