/** Caching of answers that depend on decisions: never in a cache that others share. */
import { FOR_SHARED_CACHES, isPrivate, PRIVATE } from './shared-caches.ts';

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
  for (const name of rewritten ? [...FOR_SHARED_CACHES, ...OF_BODY] : FOR_SHARED_CACHES) headers.delete(name);
  if (!isPrivate(headers.get('cache-control') ?? '')) headers.set('cache-control', PRIVATE);
  return answer;
}
