/** A relay's settings that are secrets, or a machine's own: from the environment. */
import { decodeBase64url } from '#core/base64url';
import { type AccessSettings, accessSettings, checkFixedKeys } from '#http/access';
import { type Bindings, readSettings, type SettingsReader } from '#http/settings';
import type { OfflineDefault } from '#ruleset/offline';
import type { PublicJwk } from '#ruleset/web-crypto';
import { isOfflineDefault, isPublicJwk } from '#sdk/edge/settings';

export interface RelaySettings {
  readonly environment: string;
  /** Of kind relay: what home is asked with. */
  readonly key: string;
  /** Keys that rulesets may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  readonly access: AccessSettings;
  readonly host: string;
  /** 0 stands for any that is free. */
  readonly port: number;
  /** Undefined where nothing is kept on disk. */
  readonly cacheDir: string | undefined;
  /** An origin; undefined where exposures are not taken. */
  readonly ingestUrl: string | undefined;
  /** The environment's key of pseudonyms; undefined where the relay's own evaluations expose nobody. */
  readonly unitKey: Uint8Array | undefined;
  readonly canary: boolean;
  /** Without word from home for so long, answers say STALE (milliseconds). */
  readonly staleAfterMs: number;
  /** A ruleset that served for so long is known to be good (milliseconds). */
  readonly soakMs: number;
  /** How long a relay that was told to end goes on with what it has begun (milliseconds). */
  readonly drainMs: number;
  readonly maxStreams: number;
  /** What flags serve that `flagDefaults` does not name, and the values of those that it does. */
  readonly bundledDefaults: ReadonlyMap<string, OfflineDefault>;
}

/** Throws a `SettingsError` that names every fault. `persist` is `relay-config.yaml`'s. */
export const readRelaySettings = (environment: Bindings, persist: boolean): RelaySettings =>
  readSettings(environment, (settings) => {
    const access = accessSettings(settings);
    checkFixedKeys(settings, access.sdkKeys);
    const publicKeys = settings.list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}');
    if (publicKeys.length === 0) settings.fault('PUBLIC_KEYS must be set: without them every ruleset is refused');
    return {
      environment: settings.text('ENVIRONMENT'),
      key: settings.text('LOCKSTEP_KEY'),
      publicKeys,
      access,
      host: settings.optional('HOST') ?? '0.0.0.0',
      port: wholeNumber(settings, 'PORT', 8_080, 65_535),
      cacheDir: persist ? settings.text('CACHE_DIR') : undefined,
      ...exposuresIn(settings),
      canary: isSet(settings, 'CANARY'),
      staleAfterMs: settings.milliseconds('STALE_AFTER_MS', 60_000),
      soakMs: settings.milliseconds('SOAK_MS', 60_000),
      drainMs: settings.milliseconds('DRAIN_MS', 10_000),
      maxStreams: wholeNumber(settings, 'MAX_STREAMS', 20_000, 1_000_000),
      bundledDefaults: settings.table('OFFLINE_DEFAULTS', isOfflineDefault, '{variation, value, visibility}'),
    };
  });

function exposuresIn(settings: SettingsReader): Pick<RelaySettings, 'ingestUrl' | 'unitKey'> {
  const ingestUrl = origin(settings, 'INGEST_URL');
  const text = settings.optional('UNIT_KEY');
  const unitKey = text === undefined ? undefined : decodeBase64url(text);
  if (text !== undefined && unitKey?.byteLength !== 32) settings.fault('UNIT_KEY must be the base64url of 32 bytes');
  if (text !== undefined && ingestUrl === undefined)
    settings.fault('UNIT_KEY must have INGEST_URL beside it: where exposures go');
  return { ingestUrl, unitKey };
}

function wholeNumber(settings: SettingsReader, name: string, otherwise: number, most: number): number {
  const text = settings.optional(name) ?? String(otherwise);
  if (!/^\d{1,9}$/.test(text) || Number(text) > most) settings.fault(`${name} must be a whole number up to ${most}`);
  return Number(text);
}

function isSet(settings: SettingsReader, name: string): boolean {
  const text = settings.optional(name) ?? 'false';
  if (text !== 'true' && text !== 'false') settings.fault(`${name} must be true or false`);
  return text === 'true';
}

function origin(settings: SettingsReader, name: string): string | undefined {
  const text = settings.optional(name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
    settings.fault(`${name} must be an origin, as https://ingest.flags.internal`);
  }
  return url?.origin;
}
