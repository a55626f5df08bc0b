/** Base64 with padding (RFC 4648, section 4), as signed notes have it; everything else here is base64url. */
import { decodeBase64url, encodeBase64url } from '#core/base64url';

export const encodeBase64 = (bytes: Uint8Array): string => toBase64(encodeBase64url(bytes));

/** Undefined where `text` is not the one encoding of some bytes. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const url = fromBase64(text);
  return url === undefined ? undefined : decodeBase64url(url);
}

/** The same bytes, the other alphabet. */
export const toBase64 = (url: string): string =>
  url
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .padEnd(Math.ceil(url.length / 4) * 4, '=');

export function fromBase64(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
