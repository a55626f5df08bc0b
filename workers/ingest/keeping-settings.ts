/** How long an inbox keeps what, from the bindings. */
import type { SettingsReader } from '#http/settings';

export interface KeepingSettings {
  readonly environment: string;
  /** How long an event waits before it is archived. */
  readonly archiveAfterMs: number;
}

const ARCHIVE_AFTER_MS = 300_000;

export const keepingSettings = (settings: SettingsReader): KeepingSettings => ({
  environment: settings.text('ENVIRONMENT'),
  archiveAfterMs: settings.milliseconds('ARCHIVE_AFTER_MS', ARCHIVE_AFTER_MS),
});
