/** The settings of the edge Worker: those of every Worker with flags inside, and who may ask. */
import { isKeyRecord, type KeyRecord } from '#http/sdk-keys';
import { type Bindings, readSettings, type SettingsReader } from '#http/settings';
import { type EdgeSettings, edgeSettings } from '#sdk/edge/settings';

export interface AccessSettings {
  readonly sdkKeys: readonly KeyRecord[];
  /** Origins whose pages may ask with a client key; `*` stands for any. */
  readonly allowedOrigins: readonly string[];
}

export interface WorkerSettings {
  readonly edge: EdgeSettings;
  readonly access: AccessSettings;
}

export const readWorkerSettings = (bindings: Bindings): WorkerSettings =>
  readSettings(bindings, (settings) => ({ edge: edgeSettings(settings), access: accessSettings(settings) }));

function accessSettings(settings: SettingsReader): AccessSettings {
  const origins = settings.list('ALLOWED_ORIGINS', isOrigin, '"*" or origins as "https://www.example.com"');
  const sdkKeys = settings.list('SDK_KEYS', isSdkKey, '{sha256, kind: "server" | "client" | "relay"}');
  if (sdkKeys.length === 0) settings.fault('SDK_KEYS must be set: without them nobody may ask');
  return {
    sdkKeys,
    allowedOrigins: origins.length === 0 ? ['*'] : origins,
  };
}

const isSdkKey = isKeyRecord('server', 'client', 'relay');

const isOrigin = (value: unknown): value is string =>
  typeof value === 'string' && /^(?:\*|https?:\/\/[^/\s]+)$/.test(value);
