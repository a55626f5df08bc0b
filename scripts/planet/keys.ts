/** The planet's keys: made at its first start, kept in its folder, never in the repository. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Ed25519Jwk } from '#control/audit/ed25519';
import { formatNoteKey, noteKey } from '#control/audit/note-key';
import { decodeBase64url } from '#core/base64url';
import type { EdgeGridCredentials } from '#edgekv/akamai/edgegrid';
import type { KeyKind, KeyRecord } from '#http/sdk-keys';
import type { PublicJwk } from '#ruleset/web-crypto';
import { CommandError } from '../cli/command-error.ts';
import { directoryOf, ORGANISATION, PERSON_NAMES, type PersonName } from './people.ts';
import { readState, statePath, writeState } from './state.ts';

export interface PlanetKeys {
  readonly signing: { readonly kid: string; readonly privateJwk: JWK; readonly publicJwk: PublicJwk };
  /** Bearer keys by who uses them. */
  readonly bearer: Readonly<Record<BearerName, string>>;
  /** With which the POPs make pseudonyms of units: 32 bytes, base64url. */
  readonly unit: string;
  /** With which calls of EdgeKV's API are signed. */
  readonly edgeGrid: EdgeGridCredentials;
  /** Bearer tokens for the control plane. */
  readonly people: Readonly<Record<PersonName, string>>;
  /** With which the audit log's checkpoints are signed. */
  readonly checkpoint: Ed25519Jwk;
  /** With which what webhooks are sent is signed. */
  readonly webhooks: Ed25519Jwk;
}

const BEARER_NAMES = [
  'server',
  'client',
  'relay',
  'stream',
  'publisher',
  'breakGlass',
  'control',
  'ingest',
  'keyUse',
  'rollout',
] as const;
type BearerName = (typeof BEARER_NAMES)[number];

const KEYS = 'keys.json';

/** Those of the planet's folder; what an older planet did not have yet is added to them. */
export async function planetKeys(): Promise<PlanetKeys> {
  const kept = (await readState<Partial<PlanetKeys>>(KEYS)) ?? {};
  if (kept.signing === undefined && existsSync(statePath('storage'))) throw new CommandError(LOST);
  const keys: PlanetKeys = {
    signing: kept.signing ?? (await newSigningKey()),
    bearer: { ...newBearerKeys(), ...kept.bearer },
    unit: kept.unit ?? randomBytes(32).toString('base64url'),
    edgeGrid: kept.edgeGrid ?? newEdgeGridCredentials(),
    people: { ...newPeopleTokens(), ...kept.people },
    checkpoint: kept.checkpoint ?? (await newEd25519Key()),
    webhooks: kept.webhooks ?? (await newEd25519Key()),
  };
  writeState(KEYS, keys);
  // For `lockstep audit verify`, which asks nobody.
  writeFileSync(statePath(AUDIT_KEY), `${auditKeyOf(keys)}\n`);
  return keys;
}

/** What the public half of the checkpoints' key lies in. */
export const AUDIT_KEY = 'audit.pub';

/** The name of the planet's audit log begins with it. */
export const AUDIT_ORIGIN = 'audit.marketplace.example/planet';

const auditKeyOf = ({ checkpoint }: Pick<PlanetKeys, 'checkpoint'>): string =>
  formatNoteKey(noteKey(`${AUDIT_ORIGIN}/${ORGANISATION}`, decodeBase64url(checkpoint.x) as Uint8Array));

const LOST = `${KEYS} has no signing key, so nobody can verify what is stored beside it: begin anew with npm start -- --fresh`;

async function newSigningKey(): Promise<PlanetKeys['signing']> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = `planet-${randomBytes(4).toString('hex')}`;
  const { x, y } = await exportJWK(publicKey);
  const publicJwk: PublicJwk = { kid, kty: 'EC', crv: 'P-256', x: x as string, y: y as string };
  return { kid, privateJwk: await exportJWK(privateKey), publicJwk };
}

const newBearerKeys = (): Record<BearerName, string> =>
  Object.fromEntries(
    BEARER_NAMES.map((name) => [name, `ls_${name.toLowerCase()}_${randomBytes(18).toString('base64url')}`]),
  ) as Record<BearerName, string>;

/** In the form of the control plane's own (`workers/control/access-token.ts`). */
const newPeopleTokens = (): Record<PersonName, string> =>
  Object.fromEntries(
    PERSON_NAMES.map((name) => [name, `ls_${ORGANISATION}.${name}.${randomBytes(32).toString('base64url')}`]),
  ) as Record<PersonName, string>;

async function newEd25519Key(): Promise<Ed25519Jwk> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const { x, d } = await exportJWK(privateKey);
  return { kty: 'OKP', crv: 'Ed25519', x: x as string, d: d as string };
}

/** In the form of Akamai's own; the host is nobody's. */
const newEdgeGridCredentials = (): EdgeGridCredentials => ({
  host: 'edgekv.planet.example',
  clientToken: `akab-${randomBytes(12).toString('hex')}`,
  clientSecret: randomBytes(32).toString('base64'),
  accessToken: `akab-${randomBytes(12).toString('hex')}`,
});

/** What POPs and ingest get to know of the planet's own SDK keys: they go on when control issues others. */
export const sdkKeyRecords = ({ bearer }: PlanetKeys): KeyRecord[] => [
  { sha256: hash(bearer.server), kind: 'server', name: 'server', own: true },
  { sha256: hash(bearer.client), kind: 'client', name: 'client', own: true },
  { sha256: hash(bearer.relay), kind: 'relay', name: 'relay', own: true },
];

/** Who may have a stream, and who says what there is. */
export const streamKeyRecords = (keys: PlanetKeys): KeyRecord<KeyKind | 'publisher'>[] => [
  ...sdkKeyRecords(keys),
  { sha256: hash(keys.bearer.stream), kind: 'publisher', name: 'publisher' },
];

/** With what POPs send to ingest, what control asks it with, and what rollouts are declared with. */
export const ingestKeyRecords = (keys: PlanetKeys): KeyRecord<KeyKind | 'pop' | 'control' | 'rollout'>[] => [
  ...sdkKeyRecords(keys),
  { sha256: hash(keys.bearer.ingest), kind: 'pop', name: 'edge' },
  { sha256: hash(keys.bearer.keyUse), kind: 'control', name: 'control' },
  { sha256: hash(keys.bearer.rollout), kind: 'rollout', name: 'rollout' },
];

export const publisherKeyRecords = ({ bearer }: PlanetKeys): KeyRecord<'publisher' | 'break-glass'>[] => [
  { sha256: hash(bearer.publisher), kind: 'publisher', name: 'cli' },
  { sha256: hash(bearer.control), kind: 'publisher', name: 'control' },
  { sha256: hash(bearer.breakGlass), kind: 'break-glass', name: 'break-glass' },
];

export const controlDirectory = ({ people }: PlanetKeys): object => directoryOf((person) => hash(people[person]));

const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');
