/** Handlers that use a bit of everything that EdgeWorkers use on every request. */
import { Cookies } from './built-in/cookies.ts';
import { crypto } from './built-in/crypto.ts';
import { base64url, TextDecoder, TextEncoder } from './built-in/encoding.ts';
import { httpRequest } from './built-in/http-request.ts';
import { logger } from './built-in/log.ts';
import { LRUCache } from './built-in/lru-cache.ts';

interface WarmRequest {
  readonly cacheKey: { includeVariable(name: string): void };
  getHeader(name: string): string[] | undefined;
  setHeader(name: string, value: string): void;
  removeHeader(name: string): void;
  getVariable(name: string): string | undefined;
  setVariable(name: string, value: string): void;
  respondWith(status: number, headers: object, body: string): void;
}

interface WarmResponse {
  setHeader(name: string, value: string): void;
  addHeader(name: string, value: string): void;
}

const HMAC = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQ', alg: 'HS256' };
/** The example of the platform's documentation. */
const ES256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'Ttiko0FT0Eg7pAtW9u_l07waClao36qLlV8GHNqFjKM',
  y: 'QuUcij33jYXB0Rf7ZODNhduL4wKSzeKZQjlLqFFxAH8',
};

export async function onClientRequest(request: WarmRequest): Promise<void> {
  const bytes = new TextEncoder().encode('warm');
  const cache = new LRUCache<string, object>({ max: 1 });
  cache.set('a', bytes);
  cache.get('a');
  logger.info('%s', new Cookies(request.getHeader('Cookie')).get('a'), new TextDecoder().decode(bytes));
  const response = await httpRequest('/warm', { headers: { a: ['b'] }, timeout: 1_000 });
  await response.text();
  const { subtle } = crypto;
  const hmac = await subtle.importKey('jwk', HMAC, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  await subtle.verify('HMAC', hmac, await subtle.sign('HMAC', hmac, bytes), bytes);
  const ecdsa = await subtle.importKey('jwk', ES256, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, ecdsa, new Uint8Array(64), bytes);
  const digest = base64url.encode(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  base64url.decode(digest);
  request.setHeader('Digest', digest);
  request.removeHeader('Digest');
  request.setVariable('PMUSER_WARM', String(Date.now()));
  request.cacheKey.includeVariable('PMUSER_WARM');
}

export function onClientResponse(request: WarmRequest, response: WarmResponse): void {
  response.setHeader('Warm', request.getVariable('PMUSER_WARM') ?? '');
  response.addHeader('Warm', 'warm');
  request.respondWith(200, { a: ['b'] }, 'warm');
}
