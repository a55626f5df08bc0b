/** Who may ask a POP: settings. */
import { isKeyRecord, type KeyRecord } from './sdk-keys.ts';
import type { SettingsReader } from './settings.ts';

export interface AccessSettings {
  /** Those that count before there is a keys document, and the deployment's own (`issued-keys.ts`). */
  readonly sdkKeys: readonly KeyRecord[];
  /** Origins whose pages may ask with a client key; `*` stands for any. */
  readonly allowedOrigins: readonly string[];
}

/** For `readSettings`. */
export function accessSettings(settings: SettingsReader): AccessSettings {
  const origins = settings.list('ALLOWED_ORIGINS', isOrigin, '"*" or origins as "https://www.example.com"');
  const sdkKeys = settings.list('SDK_KEYS', isSdkKey, '{sha256, kind: "server" | "client" | "relay"}');
  return { sdkKeys, allowedOrigins: origins.length === 0 ? ['*'] : origins };
}

/** Where keys are issued as well: what is told of one of the settings. */
export function checkFixedKeys(settings: SettingsReader, records: readonly KeyRecord<string>[]): void {
  for (const { own = false, scope, issued } of records) {
    if (typeof own !== 'boolean') settings.fault('SDK_KEYS: "own" must be true or false');
    if (scope !== undefined || issued !== undefined)
      settings.fault('SDK_KEYS: "scope" and "issued" are of keys that the control plane issues');
  }
}

const isSdkKey = isKeyRecord('server', 'client', 'relay');

const isOrigin = (value: unknown): value is string =>
  typeof value === 'string' && /^(?:\*|https?:\/\/[^/\s]+)$/.test(value);
