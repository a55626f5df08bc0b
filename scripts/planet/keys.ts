/** The planet's keys: made at its first start, kept in its folder, never in the repository. */
import { createHash, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { KeyRecord } from '#http/sdk-keys';
import type { PublicJwk } from '#ruleset/web-crypto';
import type { SigningKey } from '#ruleset/write/sign';
import { readState, writeState } from './state.ts';

export interface PlanetKeys {
  readonly signing: { readonly kid: string; readonly privateJwk: JWK; readonly publicJwk: PublicJwk };
  /** Bearer keys by who uses them. */
  readonly bearer: { readonly server: string; readonly client: string; readonly publisher: string };
}

const KEYS = 'keys.json';

export async function planetKeys(): Promise<PlanetKeys> {
  const kept = await readState<PlanetKeys>(KEYS);
  if (kept !== undefined) return kept;
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = `planet-${randomBytes(4).toString('hex')}`;
  const { x, y } = await exportJWK(publicKey);
  const publicJwk: PublicJwk = { kid, kty: 'EC', crv: 'P-256', x: x as string, y: y as string };
  const bearer = { server: bearerKey('server'), client: bearerKey('client'), publisher: bearerKey('publisher') };
  const keys: PlanetKeys = { signing: { kid, privateJwk: await exportJWK(privateKey), publicJwk }, bearer };
  await writeState(KEYS, keys);
  return keys;
}

export const keptKeys = (): Promise<PlanetKeys | undefined> => readState<PlanetKeys>(KEYS);

export const signingKey = ({ signing }: PlanetKeys): SigningKey => ({
  kid: signing.kid,
  privateKey: { ...signing.privateJwk, alg: 'ES256' },
});

/** What the POPs get to know of the SDK keys. */
export const keyRecords = ({ bearer }: PlanetKeys): KeyRecord[] => [
  { sha256: hash(bearer.server), kind: 'server' },
  { sha256: hash(bearer.client), kind: 'client' },
];

const bearerKey = (kind: string): string => `ls_${kind}_${randomBytes(18).toString('base64url')}`;

const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');
