/** The settings of the publisher, from its bindings. */
import { isKeyRecord, type KeyRecord } from '#http/sdk-keys';
import { type Bindings, isBase64url, isFields, readSettings, type SettingsReader } from '#http/settings';
import { keysEnvironment } from '#ruleset/keys-environment';
import type { PublicJwk } from '#ruleset/web-crypto';
import type { SigningKey, SigningSubtle } from '#ruleset/write/sign';
import { MAX_NAME, SIGNING_PATTERN, SIGNING_PREFIX } from '#schema/limits';
import { isPublicJwk } from '#sdk/edge/settings';
import { type AkamaiSettings, akamaiSettings } from './akamai-settings.ts';
import { parsed } from './parsed.ts';

/** `break-glass` may read and return, and nothing else. */
export type PublisherKeyKind = 'publisher' | 'break-glass';

export interface PublisherSettings {
  readonly environment: string;
  readonly keys: readonly KeyRecord<PublisherKeyKind>[];
  readonly signing: SigningKey;
  /** Keys that what lies at targets may be signed with; the public half of the signing key is one of them. */
  readonly publicKeys: readonly PublicJwk[];
  /** How the stream is reached; undefined where none is bound. */
  readonly stream: { readonly key: string; readonly soakMs: number } | undefined;
  /** Undefined where no view is declared. */
  readonly akamai: AkamaiSettings | undefined;
}

export const readPublisherSettings = (bindings: Bindings): PublisherSettings =>
  readSettings(bindings, (settings) => {
    const publicKeys = settings.list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}');
    const environment = settings.text('ENVIRONMENT');
    if (keysEnvironment(environment).length > MAX_NAME)
      settings.fault(`ENVIRONMENT must have ${MAX_NAME - 5} characters at most`);
    // Lines of the keys document name them.
    if (!publicKeys.every(({ kid }) => SIGNING_PATTERN.test(`${SIGNING_PREFIX}${kid}`))) {
      settings.fault('PUBLIC_KEYS: a kid has 1 to 64 printable characters, no space, quote or backslash among them');
    }
    return {
      environment,
      keys: settings.list('PUBLISHER_KEYS', isPublisherKey, '{sha256, kind: "publisher" | "break-glass", name}'),
      signing: signingKey(settings, publicKeys),
      publicKeys,
      stream: streamSettings(bindings, settings),
      akamai: akamaiSettings(settings, environment),
    };
  });

/** How long content soaks in one region before everybody has it. */
const SOAK_MS = 5_000;

function streamSettings(bindings: Bindings, settings: SettingsReader): PublisherSettings['stream'] {
  if (bindings['STREAM'] === undefined) return undefined;
  return { key: settings.text('STREAM_KEY'), soakMs: settings.milliseconds('SOAK_MS', SOAK_MS) };
}

const isPublisherKey = isKeyRecord('publisher', 'break-glass');

const subtle = crypto.subtle as SigningSubtle;

function signingKey(settings: SettingsReader, publicKeys: readonly PublicJwk[]): SigningKey {
  const jwk = parsed(settings.text('SIGNING_KEY'));
  if (!isPublicJwk(jwk) || !isFields(jwk) || !isBase64url(jwk['d'], 43)) {
    settings.fault('SIGNING_KEY must be a private JWK, as {kid, kty: "EC", crv: "P-256", x, y, d}');
    return { kid: '', privateKey: {}, subtle };
  }
  const { kid, kty, crv, x, y } = jwk;
  if (!publicKeys.some((one) => one.kid === kid && one.x === x && one.y === y)) {
    settings.fault('PUBLIC_KEYS must hold the public half of SIGNING_KEY');
  }
  return { kid, privateKey: { kty, crv, x, y, d: jwk['d'], alg: 'ES256' }, subtle };
}
