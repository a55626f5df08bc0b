/** The first entry of an organisation's own behind those that it was restored from. What those come to stays as it is. */
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { type Result, refused } from '#schema/result';
import { holds } from './authorize.ts';
import { ADMIN } from './built-in-rules.ts';
import type { Event } from './event.ts';
import type { Refusal } from './refusal.ts';

type FinishRestore = Extract<Command, { type: 'finish-restore' }>;

export function decideFinishRestore(
  { entries, proven }: FinishRestore,
  actor: Principal,
): Result<readonly Event[], Refusal> {
  const refusal = mayRestore(actor);
  return refusal === undefined ? { ok: true, value: [{ type: 'log-restored', entries, proven }] } : refused(refusal);
}

/** What somebody lacks who adds to a log that is being restored. */
export function mayRestore(actor: Principal): Refusal | undefined {
  if (holds(actor, [ADMIN])) return undefined;
  const missing = [{ policy: 'built-in:restore', environment: null, namespaces: [], roles: [ADMIN] }];
  return { code: 'not-allowed', missing };
}
