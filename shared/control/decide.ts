/**
 * The one write path: what a command comes to. Pure, and the same for people, programs, imports and schedules. The caller appends the
 * events as one entry, before anything else; no events, no entry.
 */
import type { Command } from '#schema/control-command';
import type { Actor, Principal } from '#schema/control-principal';
import { type Result, refused } from '#schema/result';
import { decideAcknowledge, decideAcknowledgeKeys } from './decide-acknowledge.ts';
import { decideApply } from './decide-apply.ts';
import { decideApprove } from './decide-approve.ts';
import { decideClose } from './decide-close.ts';
import { decideDisableWebhook } from './decide-disable-webhook.ts';
import { decideFinishRestore } from './decide-finish-restore.ts';
import { decideFound } from './decide-found.ts';
import { decideImportJournal } from './decide-import-journal.ts';
import { decideAmend, decideSchedule, decideSubmit } from './decide-submit.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import type { Refusal } from './refusal.ts';
import { secretPath } from './secret-path.ts';
import type { State } from './state.ts';

export function decide(state: State, command: Command, actor: Actor, known: Facts): Result<readonly Event[], Refusal> {
  const facts = actor.kind === 'system' ? known : withActor(known, actor);
  switch (command.type) {
    case 'acknowledge':
      return actor.kind === 'system' ? decideAcknowledge(state, command, facts) : refused({ code: 'system-only' });
    case 'acknowledge-keys':
      return actor.kind === 'system' ? decideAcknowledgeKeys(state, command) : refused({ code: 'system-only' });
    case 'import-journal':
      return actor.kind === 'system' ? decideImportJournal(state, command, facts) : refused({ code: 'system-only' });
    case 'disable-webhook':
      return actor.kind === 'system' ? decideDisableWebhook(state, command) : refused({ code: 'system-only' });
    case 'apply':
      return decideApply(state, command, actor, facts);
    case 'found':
    case 'finish-restore':
    case 'submit':
    case 'amend':
    case 'schedule':
    case 'approve':
    case 'decline':
    case 'withdraw':
      return actor.kind === 'system'
        ? refused({ code: 'principals-only' })
        : decidePersonal(state, command, actor, facts);
    default:
      return command satisfies never;
  }
}

type Personal = Exclude<
  Command,
  { type: 'acknowledge' | 'acknowledge-keys' | 'import-journal' | 'disable-webhook' | 'apply' }
>;

function decidePersonal(
  state: State,
  command: Personal,
  actor: Principal,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const path = secretPath(command);
  if (path !== undefined) return refused({ code: 'holds-secret', path });
  switch (command.type) {
    case 'found':
      return decideFound(state, command, actor, facts);
    case 'finish-restore':
      return decideFinishRestore(state, command, actor);
    case 'submit':
      return decideSubmit(state, command, actor, facts);
    case 'amend':
      return decideAmend(state, command, actor, facts);
    case 'schedule':
      return decideSchedule(state, command, actor, facts);
    case 'approve':
      return decideApprove(state, command, actor, facts);
    case 'decline':
    case 'withdraw':
      return decideClose(state, command, actor, facts);
    default:
      return command satisfies never;
  }
}

/** Whoever acts was identified just now. */
const withActor = (facts: Facts, actor: Principal): Facts => ({
  ...facts,
  principals: new Map([...facts.principals, [actor.id, actor]]),
});
