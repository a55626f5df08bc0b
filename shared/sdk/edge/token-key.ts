import { decodeBase64url } from '#core/base64url';
import type { SettingsReader } from '#http/settings';

/** For `readSettings`: the key that the edge signs exposure tokens with, and ingest checks them. */
export function tokenKeyIn(settings: SettingsReader): Uint8Array | undefined {
  const text = settings.optional('EXPOSURE_TOKEN_KEY');
  const key = text === undefined ? undefined : decodeBase64url(text);
  if (text !== undefined && key?.byteLength !== 32)
    settings.fault('EXPOSURE_TOKEN_KEY must be the base64url of 32 bytes');
  return key;
}
