/** What a decision on a command would know, for answers that decide nothing: a dry run, who must still approve. */
import type { Facts } from '#control/facts';
import { factsNeeded } from '#control/facts-needed';
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { ok, type Result } from '#schema/result';
import { findFacts } from '../find-facts.ts';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';

export async function factsFor(api: Api, command: Command, principal: Principal): Promise<Result<Facts, ApiRefusal>> {
  const known = await findFacts(api.ports, factsNeeded(api.control.executing.held().state, command, principal));
  if (!known.ok) return known;
  const { asked: _asked, principals, ...found } = known.value;
  const all = new Map([...principals, [principal.id, principal] as const]);
  return ok({ ...found, principals: all, now: api.now(), newId: api.newId });
}
