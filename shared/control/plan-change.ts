/** All that a change would do: what happens to items, to payloads, and to the flags that people are served. Asks no policy. */
import type { Change, Confirmation } from '#schema/control-command';
import { ok, type Result, refused } from '#schema/result';
import { draftPayload } from './draft-payload.ts';
import type { Event, PublishRequested } from './event.ts';
import { fold } from './evolve.ts';
import { flagEffects } from './flag-effects.ts';
import { givenRanges } from './given-ranges.ts';
import { goesBack, type Outcome } from './goes-back.ts';
import { get } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import { sizeRefusal } from './size-refusal.ts';
import { type Staged, type Staging, stage } from './stage.ts';
import type { Effect, State } from './state.ts';

export interface ChangePlan {
  readonly events: readonly Event[];
  /** Behind the events. */
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly isReturn: boolean;
}

type Content = Pick<Change, 'operations' | 'confirm' | 'override'>;

export function planChange(before: State, change: Content, staging: Staging): Result<ChangePlan, Refusal> {
  const { override = [] } = change;
  const staged = stage(before, change.operations, { ...staging, override });
  if (!staged.ok) return staged;
  const drafted = outcomesOf(staged.value, change.operations);
  if (!drafted.ok) return drafted;
  const outcomes = drafted.value;
  const isReturn = goesBack(before, staged.value.events, outcomes);
  // A return must be possible at once: that much comes back with it is no mistake.
  const confirm: readonly Confirmation[] = isReturn
    ? [...new Set([...change.confirm, 'size' as const])]
    : change.confirm;
  for (const { environment, draft } of outcomes) {
    const refusal = sizeRefusal(environment, draft, confirm);
    if (refusal !== undefined) return refused(refusal);
  }
  const publishes = outcomes.flatMap((outcome) => publishEvent(outcome, confirm, override));
  const effects = outcomes.map(({ environment, flags, content }): Effect => {
    return {
      environment: environment.key,
      flags,
      content,
      publishes: publishes.some((event) => event.environment === environment.key),
    };
  });
  const state = fold(staged.value.state, publishes);
  return ok({ events: [...staged.value.events, ...publishes], state, effects, isReturn });
}

function outcomesOf({ state, touched }: Staged, operations: Change['operations']): Result<readonly Outcome[], Refusal> {
  const outcomes: Outcome[] = [];
  for (const [key, ids] of touched) {
    const environment = get(state.environments, key);
    // Taken away by the same change: what it did to the items would be published nowhere.
    if (environment === undefined) return refused({ code: 'in-use', kind: 'environment', key, by: [...ids] });
    const draft = draftPayload(environment, ids, givenRanges(operations, key));
    if (!draft.ok) return draft;
    outcomes.push({ environment, touched: ids, draft: draft.value, ...flagEffects(environment, draft.value) });
  }
  return ok(outcomes);
}

/** Where, and only where, the payload is another, or what waits there shall wait no more. */
function publishEvent(
  { environment, draft, flags, touched }: Outcome,
  confirm: readonly Confirmation[],
  ordered: readonly string[],
): readonly PublishRequested[] {
  const override = ordered.filter((flag) => touched.has(flag));
  if (draft.changes.length === 0 && override.length === 0) return [];
  const { key, payload } = environment;
  const { changes, bytes } = draft;
  const generation = payload.generation + 1;
  return [
    {
      type: 'publish-requested',
      environment: key,
      generation,
      changes,
      bytes,
      flags,
      confirm,
      ...(override.length > 0 && { override }),
    },
  ];
}
