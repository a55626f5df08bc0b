/** What tells caches that others share whether they may keep an answer. */

/** Headers that would let somebody else's cache keep, or revalidate, a page that was made for one user. */
export const FOR_SHARED_CACHES = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'akamai-cache-control',
  'edge-control',
  'surrogate-control',
  'expires',
  'age',
];

/** In `Cache-Control`, of an answer that was made for one user. */
export const PRIVATE = 'private, no-cache';

/** `private="set-cookie"` is about that header alone, and what others quote is no directive (RFC 9111, 5.2.2). */
export const isPrivate = (cacheControl: string): boolean =>
  /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i.test(cacheControl.replace(/"[^"]*"/g, '""'));
