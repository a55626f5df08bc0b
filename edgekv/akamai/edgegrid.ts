/**
 * Signs requests to Akamai's APIs: EdgeGrid, EG1-HMAC-SHA256. Source: techdocs.akamai.com/developer/docs/authenticate-with-edgegrid,
 * and the signing vectors that Akamai publishes with its clients.
 */

export interface EdgeGridCredentials {
  readonly host: string;
  readonly clientToken: string;
  readonly clientSecret: string;
  readonly accessToken: string;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Headers;
  readonly body?: Uint8Array<ArrayBuffer>;
}

export interface EdgeGridOptions {
  /** `20261123T08:00:00+0000`, see `edgeGridTimestamp`. */
  readonly timestamp: string;
  /** Never used twice. */
  readonly nonce: string;
  readonly subtle: SubtleCrypto;
  /** Names of headers that are signed too; none by default, as Akamai's own APIs ask for. */
  readonly headersToSign?: readonly string[];
  /** Bytes of a body that are hashed. */
  readonly maxBody?: number;
}

const MAX_BODY = 131_072;

/** The value of the `Authorization` header. */
export async function edgeGridAuthorization(
  request: SignedRequest,
  { clientToken, clientSecret, accessToken }: EdgeGridCredentials,
  options: EdgeGridOptions,
): Promise<string> {
  const { timestamp, nonce, subtle } = options;
  const unsigned = `EG1-HMAC-SHA256 client_token=${clientToken};access_token=${accessToken};timestamp=${timestamp};nonce=${nonce};`;
  const { protocol, host, pathname, search } = request.url;
  const data = [
    request.method.toUpperCase(),
    protocol.slice(0, -1),
    host,
    `${pathname}${search}`,
    signedHeaders(request.headers, options.headersToSign ?? []),
    await bodyHash(request, options.maxBody ?? MAX_BODY, subtle),
    unsigned,
  ].join('\t');
  const key = await hmac(clientSecret, timestamp, subtle);
  return `${unsigned}signature=${await hmac(key, data, subtle)}`;
}

/** Seconds precisely, in UTC. */
export const edgeGridTimestamp = (now: Date): string => `${now.toISOString().slice(0, 19).replaceAll('-', '')}+0000`;

const signedHeaders = (headers: Headers | undefined, names: readonly string[]): string =>
  names
    .flatMap((name) => {
      const value = headers?.get(name);
      return value == null ? [] : [`${name.toLowerCase()}:${value.trim().replace(/\s+/g, ' ')}`];
    })
    .join('\t');

/** Bodies of POST alone are hashed: that of a PUT, which EdgeKV's writes are, is not. */
async function bodyHash({ method, body }: SignedRequest, maxBody: number, subtle: SubtleCrypto): Promise<string> {
  if (method.toUpperCase() !== 'POST' || body === undefined || body.byteLength === 0) return '';
  return base64(await subtle.digest('SHA-256', body.subarray(0, maxBody)));
}

/** Base64 of HMAC-SHA-256; the key is text, as it stands. */
async function hmac(key: string, data: string, subtle: SubtleCrypto): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await subtle.importKey('raw', encoder.encode(key), algorithm, false, ['sign']);
  return base64(await subtle.sign('HMAC', imported, encoder.encode(data)));
}

const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));
