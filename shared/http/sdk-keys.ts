/** SDK keys: bearer tokens, known by their hash alone. */
import { encodeBase64url } from '#ruleset/base64url';

export type KeyKind = 'server' | 'client' | 'relay';

export interface KeyRecord {
  /** SHA-256 of the key, base64url. */
  readonly sha256: string;
  readonly kind: KeyKind;
}

/** Keys that were hashed before; a flood of made-up ones must not fill the memory. */
const REMEMBERED = 256;

export interface KeyRing {
  /** The kind of the key that a request carries; undefined where it carries none that is valid. */
  kindOf(request: Request): Promise<KeyKind | undefined>;
}

export function createKeyRing(records: readonly KeyRecord[], subtle: SubtleCrypto): KeyRing {
  const kinds = new Map(records.map(({ sha256, kind }) => [sha256, kind]));
  const remembered = new Map<string, KeyKind>();
  return {
    async kindOf(request) {
      const key = bearerKey(request.headers);
      if (key === undefined) return undefined;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const digest = await subtle.digest('SHA-256', new TextEncoder().encode(key));
      const kind = kinds.get(encodeBase64url(new Uint8Array(digest)));
      if (kind !== undefined && remembered.size < REMEMBERED) remembered.set(key, kind);
      return kind;
    },
  };
}

const MAX_KEY_LENGTH = 256;

/** `Authorization: Bearer …` or, as OFREP also has it, `X-API-Key`. Never the query string: that ends in logs. */
function bearerKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +([^ ]+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
  const key = bearer ?? headers.get('x-api-key') ?? undefined;
  return key !== undefined && key.length <= MAX_KEY_LENGTH ? key : undefined;
}
