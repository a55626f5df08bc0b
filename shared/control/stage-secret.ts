/** One operation on an SDK key or a service token, whose base was checked. Secrets themselves never come here. */
import { MAX_SDK_KEYS, MAX_SERVICE_TOKENS } from '#schema/control-limits';
import type { Operation } from '#schema/control-operation';
import { MAX_KEY_LINES } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import type { ItemEvent } from './event.ts';
import { evolveItem } from './evolve-item.ts';
import { keyDocument } from './key-document.ts';
import { entriesOf, get, has } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { Staging } from './stage.ts';
import { type KeyDigest, retiredId, type SdkKey, type SecretDigest, type ServiceToken, type State } from './state.ts';

type SecretOperation = Extract<Operation, { kind: 'sdk-key' | 'service-token' }>;
type RotateOperation = Extract<SecretOperation, { op: 'rotate' }>;

export function stageSecret(state: State, operation: SecretOperation, staging: Staging): Result<ItemEvent, Refusal> {
  const { kind, key } = operation;
  const known = kind === 'sdk-key' ? get(state.sdkKeys, key) : get(state.serviceTokens, key);
  if (operation.op === 'create') {
    const refusal = newcomerRefusal(state, operation, staging.now);
    return refusal === undefined ? fitting(state, created(operation, staging), staging) : refused(refusal);
  }
  if (known === undefined) return refused({ code: 'not-found', what: kind, key });
  const revision = known.revision + 1;
  if (operation.op === 'revoke') return ok({ type: `${kind}-revoked`, key, revision });
  const end = endOf(known.secrets);
  if (end <= staging.now) return refused({ code: 'ended', kind, key, at: end });
  const refusal = digestRefusal(state, operation.sha256) ?? overlapRefusal(known, operation, staging.now);
  if (refusal !== undefined) return refused(refusal);
  const secrets = rotated(known.secrets, operation, staging.now);
  if (operation.kind === 'sdk-key') {
    const sdkKey = { ...withNamespaces(known as SdkKey, secrets, operation.namespaces), revision };
    return fitting(state, { type: 'sdk-key-put', sdkKey }, staging);
  }
  const token = known as ServiceToken;
  const holders = [...new Set([...token.holders, ...staging.holders])];
  return ok({ type: 'service-token-put', serviceToken: { ...token, revision, secrets, holders } });
}

function created(operation: Extract<SecretOperation, { op: 'create' }>, { holders }: Staging): ItemEvent {
  const { key } = operation;
  const secretsOf = ({ sha256, expiresAt }: SecretDigest) => [
    { sha256, ...(expiresAt !== undefined && { expiresAt }) },
  ];
  if (operation.kind === 'sdk-key') {
    const { sha256, expiresAt, ...body } = operation.body;
    const secrets = secretsOf(operation.body);
    return { type: 'sdk-key-put', sdkKey: { key, revision: 1, body, secrets } };
  }
  const { sha256, expiresAt, ...body } = operation.body;
  const secrets = secretsOf(operation.body);
  return {
    type: 'service-token-put',
    serviceToken: { key, revision: 1, body, secrets, holders: [...new Set(holders)] },
  };
}

/** Two secrets are in force at a time, so that what uses the older one is known, and when that ends is no surprise. */
function overlapRefusal(
  { secrets }: SdkKey | ServiceToken,
  { kind, key, overlapMs, lost }: RotateOperation,
  now: number,
): Refusal | undefined {
  const until = Math.max(...secrets.slice(1).map(({ expiresAt = 1 / 0 }) => expiresAt));
  return overlapMs > 0 && lost === undefined && until > now ? { code: 'overlap-runs', kind, key, until } : undefined;
}

/** Whoever still has an older secret sees what it saw, until that ends. */
function withNamespaces(
  known: SdkKey,
  secrets: readonly KeyDigest[],
  namespaces: readonly string[] | undefined,
): SdkKey {
  if (namespaces === undefined) return { ...known, secrets };
  const [newest, ...older] = secrets as readonly [KeyDigest, ...KeyDigest[]];
  const kept = older.map((one) => ({ namespaces: known.body.namespaces, ...one }));
  return { ...known, body: { ...known.body, namespaces: [...namespaces] }, secrets: [newest, ...kept] };
}

/**
 * The old ones go on for the overlap at most. What was to end ends when it was to: another secret is no more time. Of one alone nobody
 * can tell that it is not in use, so that it is ended as any is.
 */
function rotated(
  secrets: readonly KeyDigest[],
  { sha256, overlapMs, lost }: RotateOperation,
  now: number,
): KeyDigest[] {
  const isReplaced = lost === true && endOf(secrets.slice(1)) > now;
  const until = isReplaced ? 1 / 0 : now + overlapMs;
  const ends = secrets[0]?.expiresAt ?? 0;
  const goOn = isReplaced ? secrets.slice(1) : secrets;
  const older = goOn.map((one) => ({ ...one, expiresAt: Math.min(one.expiresAt ?? until, until) }));
  return [{ sha256, ...(ends > now && { expiresAt: ends }) }, ...older.filter(({ expiresAt }) => expiresAt > now)];
}

/** Infinite where one of them is valid until it is revoked. */
const endOf = (secrets: readonly SecretDigest[]): number =>
  Math.max(...secrets.map(({ expiresAt = 1 / 0 }) => expiresAt));

function newcomerRefusal(
  state: State,
  operation: Extract<SecretOperation, { op: 'create' }>,
  now: number,
): Refusal | undefined {
  const { kind, key, body } = operation;
  const { expiresAt: at = 1 / 0 } = body;
  if (at <= now) return { code: 'over-already', kind, key, at };
  if (has(state.retired, retiredId(kind, key))) return { code: 'used-before', kind, key };
  if (operation.kind === 'sdk-key' && !has(state.environments, operation.body.environment)) {
    return { code: 'not-found', what: 'environment', key: operation.body.environment };
  }
  const [size, most] =
    kind === 'sdk-key' ? [state.sdkKeys.size, MAX_SDK_KEYS] : [state.serviceTokens.size, MAX_SERVICE_TOKENS];
  if (size >= most) return { code: 'too-many', what: kind === 'sdk-key' ? 'SDK keys' : 'service tokens', most };
  const taken = digestRefusal(state, body.sha256);
  return taken ?? (operation.kind === 'sdk-key' ? servedRefusal(state, operation.body) : undefined);
}

/** Of two keys nobody could say which one a service has. One that ends by itself may be followed by another before it does. */
function servedRefusal({ sdkKeys }: State, body: SdkKey['body']): Refusal | undefined {
  const { kind: keyKind, service, environment } = body;
  for (const [key, { body: other, secrets }] of entriesOf(sdkKeys)) {
    const isSame = other.kind === keyKind && other.environment === environment;
    if (isSame && other.service.toLowerCase() === service.toLowerCase() && endOf(secrets) === 1 / 0)
      return { code: 'service-has-key', service: other.service, keyKind, environment, key };
  }
  return undefined;
}

/** A key that outgrew its document could not be published, and neither could what is revoked after it. */
function fitting(state: State, event: ItemEvent, { now }: Staging): Result<ItemEvent, Refusal> {
  if (event.type !== 'sdk-key-put') return ok(event);
  const { environment } = event.sdkKey.body;
  const { lines } = keyDocument(evolveItem(state, event), environment, now);
  const what = `bytes of SDK keys in environment ${environment}`;
  return lines.length <= MAX_KEY_LINES ? ok(event) : refused({ code: 'too-many', what, most: MAX_KEY_LINES });
}

/** One secret says one thing. */
function digestRefusal(state: State, sha256: string): Refusal | undefined {
  for (const [all, of] of [
    [state.sdkKeys, 'sdk-key'],
    [state.serviceTokens, 'service-token'],
  ] as const) {
    for (const [key, { secrets }] of entriesOf<SdkKey | ServiceToken>(all)) {
      if (secrets.some((one) => one.sha256 === sha256)) return { code: 'secret-taken', by: `${of} ${key}` };
    }
  }
  return undefined;
}
