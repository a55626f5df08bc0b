/** The settings of the stream Worker, from its bindings. */
import { checkFixedKeys } from '#http/access';
import { isKeyRecord, type KeyRecord } from '#http/sdk-keys';
import { type Bindings, readSettings, type SettingsReader } from '#http/settings';
import type { PublicJwk } from '#ruleset/web-crypto';
import { REGION_PATTERN } from '#schema/stream-limits';
import { isPublicJwk } from '#sdk/edge/settings';
import { isOwnKind, STREAM_KEY_KINDS, type StreamKeyKind } from './key-kinds.ts';

export interface StreamSettings {
  readonly environment: string;
  /** Those that count before there is a keys document, and the deployment's own. */
  readonly sdkKeys: readonly KeyRecord<StreamKeyKind>[];
  /** Keys that rulesets and the keys document may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  /** Of Cloudflare's POPs, which are pushed to: those that their Workers name, or continents. */
  readonly regions: readonly string[];
  /** Who hears when keys were last used; undefined where nobody does. */
  readonly uses: UsesReceiver | undefined;
}

export interface UsesReceiver {
  /** Ingest's origin. */
  readonly url: string;
  /** Of kind `pop`. */
  readonly key: string;
}

export const readStreamSettings = (bindings: Bindings): StreamSettings =>
  readSettings(bindings, (settings) => {
    const environment = settings.text('ENVIRONMENT');
    const sdkKeys = settings.list('SDK_KEYS', isKeyRecord(...STREAM_KEY_KINDS), FORM);
    checkFixedKeys(settings, sdkKeys);
    const publicKeys = settings.list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}');
    if (publicKeys.length === 0) settings.fault('PUBLIC_KEYS must be set: without them every ruleset is refused');
    const regions = settings.list('REGIONS', isRegion, 'names of regions');
    return { environment, sdkKeys: sdkKeys.map(withOwn), publicKeys, regions, uses: usesReceiver(settings) };
  });

function usesReceiver(settings: SettingsReader): UsesReceiver | undefined {
  const url = settings.optional('INGEST_URL');
  if (url === undefined) return undefined;
  if (!/^https?:\/\/[^/?#@\s]+$/.test(url))
    settings.fault('INGEST_URL must be an origin, as https://ingest.flags.internal');
  return { url, key: settings.text('INGEST_KEY') };
}

const isRegion = (value: unknown): value is string => typeof value === 'string' && REGION_PATTERN.test(value);

const FORM = `{sha256, kind: ${STREAM_KEY_KINDS.map((kind) => `"${kind}"`).join(' | ')}}`;

const withOwn = (record: KeyRecord<StreamKeyKind>): KeyRecord<StreamKeyKind> =>
  isOwnKind(record.kind) ? { ...record, own: true } : record;
