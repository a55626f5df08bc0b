/** Tickets and trainings, where a policy asks for them. */
import type { Change } from '#schema/control-command';
import type { Facts } from './facts.ts';
import { nameOf } from './persons.ts';
import type { Refusal, TicketTrouble } from './refusal.ts';
import type { Party, Requirement } from './state.ts';

export function ticketRefusal(
  requirements: readonly Requirement[],
  { ticket }: Change,
  { tickets }: Facts,
): Refusal | undefined {
  if (!requirements.some((one) => one.ticket)) return undefined;
  const trouble = ticket === undefined ? 'missing' : TROUBLES[tickets.get(ticket) ?? 'unreachable'];
  return trouble === undefined ? undefined : { code: 'ticket', trouble, ticket: ticket ?? null };
}

const TROUBLES = {
  open: undefined,
  closed: 'closed',
  unknown: 'unknown',
  unreachable: 'unreachable',
} as const satisfies {
  readonly [state: string]: TicketTrouble | undefined;
};

/** Of a service, its owner and holders are trained. */
export function trainingRefusal(
  trainings: readonly string[],
  { person, alsoPersons }: Party,
  facts: Facts,
): Refusal | undefined {
  const persons = alsoPersons.length === 0 ? [person] : alsoPersons;
  for (const one of persons) {
    const done = facts.trainings.get(one) ?? facts.trainings.get(nameOf(one, facts.linked)) ?? new Set();
    const missing = trainings.filter((name) => !done.has(name));
    if (missing.length > 0) return { code: 'training', person: one, missing };
  }
  return undefined;
}

export const trainingsOf = (requirements: readonly Requirement[]): string[] => [
  ...new Set(requirements.flatMap(({ training }) => training)),
];
