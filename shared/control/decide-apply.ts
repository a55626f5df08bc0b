/** Puts an approved change into effect, if all that it was approved on still holds. */
import type { Command } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { applyEvents } from './apply-events.ts';
import { editRefusal } from './authorize.ts';
import { checkApply } from './check-apply.ts';
import { approvalsVoided, groundDrift, voided } from './drift.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { openRequest } from './open-request.ts';
import type { Refusal } from './refusal.ts';
import type { ChangeRequest, State } from './state.ts';

type Apply = Extract<Command, { type: 'apply' }>;

export function decideApply(
  state: State,
  command: Apply,
  actor: Actor,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const found = openRequest(state, command, ['open', 'approved', 'scheduled']);
  if (!found.ok) return found;
  const request = found.value;
  const stranger = actorRefusal(request, actor);
  if (stranger !== undefined) return refused(stranger);
  const checked = checkApply(state, request, facts);
  if (checked.ok) return ok(applyEvents(checked.value, request, facts));
  const told = consequence(state, request, checked.error, { actor, facts });
  return told.length > 0 ? ok(told) : checked;
}

/** The control plane applies what is due, or was held; a person what they could have changed themselves. */
function actorRefusal({ change, requirements, status }: ChangeRequest, actor: Actor): Refusal | undefined {
  if (actor.kind !== 'system') return editRefusal(actor, requirements);
  const takes = ['approved', 'scheduled'];
  return change.apply === 'by-hand' || !takes.includes(status) ? { code: 'wrong-status', status, takes } : undefined;
}

interface Around {
  readonly actor: Actor;
  readonly facts: Facts;
}

/** What is to be written down because a change cannot be applied any more; empty where it still can, once something is mended. */
function consequence(state: State, request: ChangeRequest, why: Refusal, { actor, facts }: Around): readonly Event[] {
  switch (why.code) {
    case 'requirements-changed':
    case 'effects-changed':
      return groundDrift(state, request, facts);
    case 'approvals-missing':
      // Whoever approved has left, or lost the role. While it is open, nothing was promised.
      return request.status === 'open' ? [] : [approvalsVoided(request, why, request, facts)];
    case 'not-due':
    case 'training':
      return [];
    case 'ticket':
      return actor.kind === 'system' && why.trouble !== 'unreachable' ? [voided(request, why, facts)] : [];
    default:
      return [voided(request, why, facts)];
  }
}
