/** The settings of the ingest Worker, from its bindings. */
import { checkFixedKeys } from '#http/access';
import { isKeyRecord, type KeyRecord } from '#http/sdk-keys';
import { type Bindings, readSettings } from '#http/settings';
import type { PublicJwk } from '#ruleset/web-crypto';
import { isPublicJwk } from '#sdk/edge/settings';
import { tokenKeyIn } from '#sdk/edge/token-key';
import { type KeepingSettings, keepingSettings } from './keeping-settings.ts';
import { INGEST_KEY_KINDS, type IngestKeyKind, isOwnKind } from './key-kinds.ts';

export interface IngestSettings extends KeepingSettings {
  /** Those that count before there is a keys document, and the deployment's own. */
  readonly sdkKeys: readonly KeyRecord<IngestKeyKind>[];
  /** Keys that the keys document may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  /** With which the edge signs exposure tokens; without it, no page's word counts. */
  readonly exposureTokenKey?: Uint8Array;
}

export const readIngestSettings = (bindings: Bindings): IngestSettings =>
  readSettings(bindings, (settings) => {
    const keeping = keepingSettings(settings);
    const sdkKeys = settings.list('SDK_KEYS', isKeyRecord(...INGEST_KEY_KINDS), FORM);
    checkFixedKeys(settings, sdkKeys);
    const publicKeys = settings.list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}');
    if (publicKeys.length === 0) settings.fault('PUBLIC_KEYS must be set: without them no SDK key can be revoked');
    const exposureTokenKey = tokenKeyIn(settings);
    return { ...keeping, sdkKeys: sdkKeys.map(withOwn), publicKeys, ...(exposureTokenKey && { exposureTokenKey }) };
  });

const FORM = `{sha256, kind: ${INGEST_KEY_KINDS.map((kind) => `"${kind}"`).join(' | ')}}`;

const withOwn = (record: KeyRecord<IngestKeyKind>): KeyRecord<IngestKeyKind> =>
  isOwnKind(record.kind) ? { ...record, own: true } : record;
