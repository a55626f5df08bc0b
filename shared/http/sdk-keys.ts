/** Keys: bearer tokens, known by their hash alone. SDKs have them, and so has whoever may publish. */
import { encodeBase64url } from '#core/base64url';
import { asciiBytes, type Subtle } from '#ruleset/web-crypto';
import type { Caller } from './ofrep-reply.ts';
import type { HeaderValues } from './reply.ts';
import { isBase64url, isFields } from './settings.ts';

export type KeyKind = 'server' | 'client' | 'relay';

export interface KeyRecord<Kind extends string = KeyKind> {
  /** SHA-256 of the key, base64url. */
  readonly sha256: string;
  readonly kind: Kind;
  /** Who has the key, for journals. */
  readonly name?: string;
  /** It is the deployment's own, and counts beside the keys document (`issued-keys.ts`). */
  readonly own?: boolean;
  /** It is of the keys document, where none of the settings is. */
  readonly issued?: boolean;
  /** The namespaces whose flags it sees; all of them where there is none. Only keys that are issued have it, none of the settings. */
  readonly scope?: readonly string[];
}

/** What a key lets its caller see. */
export const callerOf = ({ kind, scope }: KeyRecord): Caller => ({ clientOnly: kind === 'client', scope });

/** Whether a value is the record of a key of one of these kinds. */
export const isKeyRecord =
  <Kind extends string>(...kinds: readonly Kind[]) =>
  (value: unknown): value is KeyRecord<Kind> =>
    isFields(value) &&
    isBase64url(value['sha256'], 43) &&
    kinds.some((kind) => kind === value['kind']) &&
    ['string', 'undefined'].includes(typeof value['name']);

/** Keys that were valid when they were hashed; a flood of made-up ones must not fill the memory. */
const REMEMBERED = 256;

export interface KeyRing<Kind extends string = KeyKind> {
  /** The same at once, for a key that was seen before; undefined for any other. */
  remembered(headers: HeaderValues): KeyRecord<Kind> | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(request: { readonly headers: HeaderValues }): Promise<KeyRecord<Kind> | undefined>;
}

/** The record of the key with that hash; undefined where it is not, or no more, valid. */
export type FindKey<Kind extends string = KeyKind> = (sha256: string) => KeyRecord<Kind> | undefined;

export const createKeyRing = <Kind extends string>(
  records: readonly KeyRecord<Kind>[],
  subtle: Pick<Subtle, 'digest'>,
): KeyRing<Kind> => createKeyRingOf(findAmong(records), subtle);

export function findAmong<Kind extends string>(records: readonly KeyRecord<Kind>[]): FindKey<Kind> {
  const byHash = new Map(records.map((record) => [record.sha256, record]));
  return (sha256) => byHash.get(sha256);
}

/** What is remembered of a key is its hash: whether it is valid is asked every time. */
export function createKeyRingOf<Kind extends string>(
  find: FindKey<Kind>,
  subtle: Pick<Subtle, 'digest'>,
): KeyRing<Kind> {
  const remembered = new Map<string, string>();
  /** No key has an empty hash. */
  const known = (key = ''): KeyRecord<Kind> | undefined => find(remembered.get(key) ?? '');
  return {
    remembered: (headers) => known(bearerKey(headers)),
    async recordOf(request) {
      const key = bearerKey(request.headers);
      if (key === undefined) return undefined;
      const before = known(key);
      if (before !== undefined) return before;
      // A bearer token is ASCII (RFC 6750, 2.1).
      if (!/^[!-~]+$/.test(key)) return undefined;
      const digest = await subtle.digest('SHA-256', asciiBytes(key));
      const sha256 = encodeBase64url(new Uint8Array(digest));
      const record = find(sha256);
      if (record !== undefined && remembered.size < REMEMBERED) remembered.set(key, sha256);
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
