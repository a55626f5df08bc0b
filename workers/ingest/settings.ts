/** The settings of the ingest Worker, from its bindings. */
import { isKeyRecord, type KeyRecord } from '#http/sdk-keys';
import { type Bindings, readSettings } from '#http/settings';

export interface IngestSettings {
  readonly environment: string;
  readonly sdkKeys: readonly KeyRecord[];
}

export const readIngestSettings = (bindings: Bindings): IngestSettings =>
  readSettings(bindings, (settings) => ({
    environment: settings.text('ENVIRONMENT'),
    sdkKeys: settings.list(
      'SDK_KEYS',
      isKeyRecord('server', 'client', 'relay'),
      '{sha256, kind: "server" | "client" | "relay"}',
    ),
  }));
