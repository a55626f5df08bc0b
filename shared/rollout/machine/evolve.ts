/** The next state. Total over the events that there are; a log that a later version wrote is not read with holes. */
import type { CourseEvent, RolloutEvent } from './event.ts';
import { evolvePlan } from './evolve-plan.ts';
import { decided, goingOn, placed } from './next-sequence.ts';
import type { Incident, RolloutState } from './state.ts';
import { stopped } from './stopped.ts';

export function evolve(state: RolloutState, event: RolloutEvent): RolloutState {
  switch (event.type) {
    case 'approved':
    case 'plan-proposed':
    case 'plan-approved':
    case 'plan-withdrawn':
    case 'plan-edited':
    case 'flag-edited':
    case 'published':
      return evolvePlan(state, event);
    default:
      return evolveCourse(state, event);
  }
}

export const fold = (state: RolloutState, events: readonly RolloutEvent[]): RolloutState =>
  events.reduce(evolve, state);

function evolveCourse(state: RolloutState, event: CourseEvent): RolloutState {
  switch (event.type) {
    case 'started':
      return { ...placed(state, NOTHING), at: event.at, authors: withPerson(state.authors, event.by) };
    case 'ticked': {
      const { at, status, bakedMs, blindMs, holds, seen } = event;
      return { ...state, at, status, bakedMs, blindMs, holds, seen };
    }
    case 'advanced':
      return placed(state, event);
    case 'stepped-back': {
      const next = { ...placed(state, event), attempt: state.attempt + 1 };
      return { ...stopped(next, 'breach', event), incident: incidentOf(state, 'breach', event) };
    }
    case 'held':
      return { ...stopped(decided(state), 'breach', event), incident: incidentOf(state, 'breach', event) };
    case 'rollback-decided': {
      const { because, by, at } = event;
      const ending = { because, by, at };
      const next = placed(state, NOTHING);
      const incident = because === 'breach' || because === 'blind' ? incidentOf(state, because, event) : state.incident;
      return { ...next, status: 'rolling-back', ending, incident, stop: null, proposal: null };
    }
    case 'rolled-back':
    case 'aborted':
    case 'completed':
      return { ...decided(state), status: event.type, holds: [], stop: null, proposal: null };
    case 'paused':
      return stopped(decided(state), 'paused', event);
    case 'resumed': {
      const attempt = event.after === 'breach' ? state.attempt + 1 : state.attempt;
      return { ...goingOn(decided(state)), stop: null, at: event.at, attempt };
    }
    default:
      throw unknownEvent(event);
  }
}

/** Before the first step, and after a rollback. */
const NOTHING = { step: -1, percent: 0 } as const;

const incidentOf = (
  before: RolloutState,
  because: Incident['because'],
  { at, guardrails }: { readonly at: number; readonly guardrails: readonly string[] },
): Incident => ({ sequence: before.sequence + 1, because, guardrails, percent: before.serving.percent, at });

const withPerson = (persons: readonly string[], person: string): readonly string[] =>
  persons.includes(person) ? persons : [...persons, person];

const unknownEvent = (event: never): Error =>
  new Error(
    `the rollout has an event that this version does not know: ${JSON.stringify((event as { type?: unknown }).type)}`,
  );
