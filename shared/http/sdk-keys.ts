/** Keys: bearer tokens, known by their hash alone. SDKs have them, and so has whoever may publish. */
import { encodeBase64url } from '#core/base64url';
import { asciiBytes, type Subtle } from '#ruleset/web-crypto';
import type { HeaderValues } from './reply.ts';
import { isBase64url, isFields } from './settings.ts';

export type KeyKind = 'server' | 'client' | 'relay';

export interface KeyRecord<Kind extends string = KeyKind> {
  /** SHA-256 of the key, base64url. */
  readonly sha256: string;
  readonly kind: Kind;
  /** Who has the key, for journals. */
  readonly name?: string;
}

/** Whether a value is the record of a key of one of these kinds. */
export const isKeyRecord =
  <Kind extends string>(...kinds: readonly Kind[]) =>
  (value: unknown): value is KeyRecord<Kind> =>
    isFields(value) &&
    isBase64url(value['sha256'], 43) &&
    kinds.some((kind) => kind === value['kind']) &&
    ['string', 'undefined'].includes(typeof value['name']);

/** Keys that were hashed before; a flood of made-up ones must not fill the memory. */
const REMEMBERED = 256;

export interface KeyRing<Kind extends string = KeyKind> {
  /** The same at once, for a key that was seen before; undefined for any other. */
  remembered(headers: HeaderValues): KeyRecord<Kind> | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(request: { readonly headers: HeaderValues }): Promise<KeyRecord<Kind> | undefined>;
}

export function createKeyRing<Kind extends string>(
  records: readonly KeyRecord<Kind>[],
  subtle: Pick<Subtle, 'digest'>,
): KeyRing<Kind> {
  const byHash = new Map(records.map((record) => [record.sha256, record]));
  const remembered = new Map<string, KeyRecord<Kind>>();
  return {
    remembered: (headers) => remembered.get(bearerKey(headers) ?? ''),
    async recordOf(request) {
      const key = bearerKey(request.headers);
      if (key === undefined) return undefined;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      // A bearer token is ASCII (RFC 6750, 2.1).
      if (!/^[!-~]+$/.test(key)) return undefined;
      const digest = await subtle.digest('SHA-256', asciiBytes(key));
      const record = byHash.get(encodeBase64url(new Uint8Array(digest)));
      if (record !== undefined && remembered.size < REMEMBERED) remembered.set(key, record);
      return record;
    },
  };
}

const MAX_KEY_LENGTH = 256;

/** `Authorization: Bearer …` or, as OFREP also has it, `X-API-Key`. Never the query string: that ends in logs. */
function bearerKey(headers: HeaderValues): string | undefined {
  const bearer = /^Bearer +([^ ]+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
  const key = bearer ?? headers.get('x-api-key') ?? undefined;
  return key !== undefined && key.length <= MAX_KEY_LENGTH ? key : undefined;
}
