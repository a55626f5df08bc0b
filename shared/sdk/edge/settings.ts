/** The settings of a Worker that evaluates at the edge, from its bindings. */
import { decodeBase64url } from '#core/base64url';
import type { Place } from '#core/context';
import { isBase64url, isFields, type SettingsReader } from '#http/settings';
import type { OfflineDefault } from '#ruleset/offline';
import type { PublicJwk } from '#ruleset/web-crypto';
import { MAX_NAME } from '#schema/limits';

export interface EdgeSettings extends EvaluationSettings {
  /** How exposures travel to ingest; undefined where they do not. */
  readonly exposures: { readonly ingestKey: string; readonly unitKey: Uint8Array } | undefined;
}

/** What is evaluated with. */
export interface EvaluationSettings {
  readonly environment: string;
  /** Where this Worker runs; `pop` is the colo that serves the request where it is not set. */
  readonly place: Place;
  /** Keys that rulesets may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  /** After this long a request has the ruleset revalidated behind it (milliseconds). */
  readonly revalidateAfterMs: number;
  /** Without word from the store for this long, answers say STALE, and a request waits for one bounded refresh (milliseconds). */
  readonly staleAfterMs: number;
  /** What flags serve before any ruleset was received. */
  readonly offlineDefaults: ReadonlyMap<string, OfflineDefault>;
}

/** For `readSettings`. */
export const edgeSettings = (settings: SettingsReader): EdgeSettings => ({
  ...evaluationSettings(settings),
  exposures: exposuresIn(settings),
});

/** For `readSettings`. */
export function evaluationSettings(settings: SettingsReader): EvaluationSettings {
  const read = readAll(settings);
  if (read.publicKeys.length === 0) settings.fault('PUBLIC_KEYS must be set: without them every ruleset is refused');
  if (read.staleAfterMs < read.revalidateAfterMs) {
    settings.fault('STALE_AFTER_MS must not be below REVALIDATE_AFTER_MS');
  }
  return read;
}

/** What ingest takes of a region, a cloud, a POP. */
const PLACE = new RegExp(`^[ -~]{1,${MAX_NAME}}$`);

function readAll(settings: SettingsReader): EvaluationSettings {
  return {
    environment: settings.text('ENVIRONMENT'),
    place: placeIn(settings),
    publicKeys: settings.list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}'),
    revalidateAfterMs: settings.milliseconds('REVALIDATE_AFTER_MS', 5_000),
    staleAfterMs: settings.milliseconds('STALE_AFTER_MS', 60_000),
    offlineDefaults: settings.table('OFFLINE_DEFAULTS', isOfflineDefault, '{variation, value, visibility}'),
  };
}

function exposuresIn(settings: SettingsReader): EdgeSettings['exposures'] {
  if (settings.optional('INGEST_KEY') === undefined && settings.optional('UNIT_KEY') === undefined) return undefined;
  const ingestKey = settings.text('INGEST_KEY');
  const unitKey = decodeBase64url(settings.text('UNIT_KEY'));
  if (unitKey?.byteLength !== 32) settings.fault('UNIT_KEY must be the base64url of 32 bytes');
  return { ingestKey, unitKey: unitKey ?? new Uint8Array() };
}

function placeIn(settings: SettingsReader): Place {
  const place: { -readonly [name in keyof Place]: string } = {};
  for (const name of ['region', 'cloud', 'pop'] as const) {
    const setting = name.toUpperCase();
    const value = settings.optional(setting);
    if (value === undefined) continue;
    if (!PLACE.test(value)) settings.fault(`${setting} must be at most ${MAX_NAME} printable ASCII characters`);
    place[name] = value;
  }
  return place;
}

export const isPublicJwk = (value: unknown): value is PublicJwk =>
  isFields(value) &&
  typeof value['kid'] === 'string' &&
  value['kty'] === 'EC' &&
  value['crv'] === 'P-256' &&
  isBase64url(value['x'], 43) &&
  isBase64url(value['y'], 43);

export const isOfflineDefault = (value: unknown): value is OfflineDefault =>
  isFields(value) &&
  typeof value['variation'] === 'string' &&
  // Null is no value: OFREP would have it mean the code's own default.
  value['value'] !== undefined &&
  value['value'] !== null &&
  ['server', 'client'].includes(String(value['visibility']));
