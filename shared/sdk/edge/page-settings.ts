/** The settings of a Worker that stands behind pages: it may sign for what they are told. */
import type { SettingsReader } from '#http/settings';
import { type EdgeSettings, edgeSettings } from './settings.ts';
import { tokenKeyIn } from './token-key.ts';

export interface PageSettings extends EdgeSettings {
  /** Without it no page's word counts. */
  readonly tokenKey: Uint8Array | undefined;
}

/** For `readSettings`. */
export function pageSettings(settings: SettingsReader): PageSettings {
  const edge = edgeSettings(settings);
  const tokenKey = tokenKeyIn(settings);
  if (tokenKey !== undefined && edge.exposures === undefined)
    settings.fault('EXPOSURE_TOKEN_KEY must have INGEST_KEY and UNIT_KEY beside it: what is signed for is a pseudonym');
  return { ...edge, tokenKey };
}
