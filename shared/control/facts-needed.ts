/** What a shell has to find out before it asks for a decision: which tickets, whose trainings, which identities. */
import type { Command } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';
import { get } from './persistent-map.ts';
import { partyOf, TOKEN_PREFIX } from './persons.ts';
import type { ChangeRequest, Party, State } from './state.ts';

export interface FactsNeeded {
  readonly tickets: readonly string[];
  /** Whose trainings, and whose linked accounts. */
  readonly persons: readonly string[];
  /** Identities that may be none any more. Those of service tokens are in the state. */
  readonly principals: readonly string[];
}

export function factsNeeded(state: State, command: Command, actor: Actor): FactsNeeded {
  const request = 'request' in command ? get(state.requests, command.request) : undefined;
  const ticket = 'change' in command ? command.change.ticket : request?.change.ticket;
  const parties = [...(actor.kind === 'system' ? [] : [partyOf(actor)]), ...partiesOf(request)];
  const identities = parties.map(({ id }) => id).filter((id) => !id.startsWith(TOKEN_PREFIX));
  return {
    tickets: ticket === undefined ? [] : [ticket],
    persons: [...new Set(parties.flatMap(({ person, alsoPersons }) => [person, ...alsoPersons]))].sort(),
    principals: [...new Set(identities)].sort(),
  };
}

const partiesOf = (request: ChangeRequest | undefined): Party[] =>
  request === undefined ? [] : [...request.editors, ...request.approvals.map(({ by }) => by)];
