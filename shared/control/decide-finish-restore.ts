/**
 * The first entry of an organisation's own behind those that it was restored from. What those come to stays as it is, but for keys and
 * tokens: whether they are still good nobody knows but who finishes it.
 */
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { holds } from './authorize.ts';
import { ADMIN } from './built-in-rules.ts';
import type { Event } from './event.ts';
import { get, type PersistentMap, sortedEntries } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { SdkKey, ServiceToken, State } from './state.ts';

type FinishRestore = Extract<Command, { type: 'finish-restore' }>;

export function decideFinishRestore(
  state: State,
  { entries, proven, keys, except }: FinishRestore,
  actor: Principal,
): Result<readonly Event[], Refusal> {
  const refusal = mayRestore(actor);
  if (refusal !== undefined) return refused(refusal);
  const unknown = except.find(({ kind, key }) => get(secretsOf(state, kind), key) === undefined);
  if (unknown !== undefined) return refused({ code: 'not-found', what: unknown.kind, key: unknown.key });
  const isNamed = new Set(except.map(({ kind, key }) => `${kind}:${key}`));
  const revoked = (['sdk-key', 'service-token'] as const).flatMap((kind) =>
    sortedEntries(secretsOf(state, kind))
      .filter(([key]) => isNamed.has(`${kind}:${key}`) === (keys === 'keep'))
      .map(([key, { revision }]): Event => ({ type: `${kind}-revoked`, key, revision: revision + 1 })),
  );
  return ok([{ type: 'log-restored', entries, proven }, ...revoked]);
}

const secretsOf = (state: State, kind: 'sdk-key' | 'service-token'): PersistentMap<SdkKey | ServiceToken> =>
  kind === 'sdk-key' ? state.sdkKeys : state.serviceTokens;

/** What somebody lacks who adds to a log that is being restored. */
export function mayRestore(actor: Principal): Refusal | undefined {
  if (holds(actor, [ADMIN])) return undefined;
  const missing = [{ policy: 'built-in:restore', environment: null, namespaces: [], roles: [ADMIN] }];
  return { code: 'not-allowed', missing };
}
