/** How long inboxes and shards keep what, from the bindings. */
import type { SettingsReader } from '#http/settings';
import { DAY_MS } from './prune-tables.ts';

export interface KeepingSettings {
  readonly environment: string;
  /** How long an event waits before it is archived. */
  readonly archiveAfterMs: number;
  readonly retentionMs: number;
}

const ARCHIVE_AFTER_MS = 300_000;
const RETENTION_DAYS = 35;
/** A day more than what is believed (`MAX_EXPOSURE_AGE_MS`): an id that goes earlier is counted again. */
const MIN_RETENTION_DAYS = 31;

export const keepingSettings = (settings: SettingsReader): KeepingSettings => ({
  environment: settings.text('ENVIRONMENT'),
  archiveAfterMs: settings.milliseconds('ARCHIVE_AFTER_MS', ARCHIVE_AFTER_MS),
  retentionMs: retentionMs(settings),
});

export function retentionMs(settings: SettingsReader): number {
  const text = settings.optional('RETENTION_DAYS') ?? String(RETENTION_DAYS);
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < MIN_RETENTION_DAYS)
    settings.fault(`RETENTION_DAYS must be a whole number from ${MIN_RETENTION_DAYS} to 9999`);
  return days * DAY_MS;
}
