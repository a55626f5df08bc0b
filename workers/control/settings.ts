/** The settings of the control plane, from its bindings. */
import type { Ed25519Jwk } from '#control/audit/ed25519';
import { isKeyName } from '#control/audit/note-key';
import { type Bindings, isBase64url, isFields, readSettings } from '#http/settings';
import { type DirectoryInput, isDirectory } from './directory.ts';
import type { IngestAddress } from './key-use-port.ts';
import type { PublisherAddress } from './publisher-over-http.ts';

export interface ControlSettings {
  /** The names of the logs begin with it; an organisation's own name follows behind a slash. */
  readonly auditOrigin: string;
  /** What checkpoints are signed with: one, or, during a rotation, two. */
  readonly checkpointKeys: readonly Ed25519Jwk[];
  /** By environment. */
  readonly publishers: ReadonlyMap<string, PublisherAddress>;
  /** By environment: who tells when SDK keys were last used. */
  readonly ingests: ReadonlyMap<string, IngestAddress>;
  /** What webhooks are signed with: one, or, during a rotation, two. */
  readonly webhookKeys: readonly Ed25519Jwk[];
  /** Webhooks may lead into one's own network, and need no HTTPS: for a planet on one machine. */
  readonly webhooksAllowPrivate: boolean;
  /** By organisation. */
  readonly directories: ReadonlyMap<string, DirectoryInput>;
}

export const readControlSettings = (bindings: Bindings): ControlSettings =>
  readSettings(bindings, (settings) => {
    const auditOrigin = settings.text('AUDIT_ORIGIN');
    if (!isKeyName(auditOrigin)) settings.fault('AUDIT_ORIGIN must be a name without spaces and pluses');
    const form = '{kty: "OKP", crv: "Ed25519", x, d}';
    const checkpointKeys = settings.list('CHECKPOINT_KEYS', isEd25519Jwk, form);
    if (checkpointKeys.length === 0) settings.fault(`CHECKPOINT_KEYS must hold a private JWK, as ${form}`);
    const publishers = settings.table('PUBLISHERS', isAddress, '{url, key}');
    const ingests = settings.table('INGESTS', isAddress, '{url, key}');
    const directories = settings.table('DIRECTORY', isDirectory, '{principals, linked?, trainings?, tickets?}');
    const webhookKeys = settings.list('WEBHOOK_KEYS', isEd25519Jwk, form);
    const privately = settings.optional('WEBHOOKS_ALLOW_PRIVATE') ?? 'false';
    if (!['true', 'false'].includes(privately)) settings.fault('WEBHOOKS_ALLOW_PRIVATE must be true or false');
    const webhooks = { webhookKeys, webhooksAllowPrivate: privately === 'true' };
    return { auditOrigin, checkpointKeys, publishers, ingests, ...webhooks, directories };
  });

const isEd25519Jwk = (value: unknown): value is Ed25519Jwk =>
  isFields(value) &&
  value['kty'] === 'OKP' &&
  value['crv'] === 'Ed25519' &&
  isBase64url(value['x'], 43) &&
  isBase64url(value['d'], 43);

const isAddress = (value: unknown): value is PublisherAddress =>
  isFields(value) &&
  typeof value['url'] === 'string' &&
  /^https?:\/\/[^/?#]+(?:\/[^?#]*[^/?#])?$/.test(value['url']) &&
  typeof value['key'] === 'string' &&
  value['key'] !== '';
