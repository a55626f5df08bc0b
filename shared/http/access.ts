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

const isSdkKey = isKeyRecord('server', 'client', 'relay');

const isOrigin = (value: unknown): value is string =>
  typeof value === 'string' && /^(?:\*|https?:\/\/[^/\s]+)$/.test(value);
