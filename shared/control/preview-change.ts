/** Who of a sample would be served something else: contexts are evaluated before and after a change, by the evaluator itself. */
import { type Context, createContext, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import { type RulesetReader, readLines } from '#ruleset/reader';
import { entryLines } from '#ruleset/write/line';
import type { Change } from '#schema/control-command';
import { ok, type Result, refused } from '#schema/result';
import { closureOf } from './check-payload.ts';
import { get } from './persistent-map.ts';
import { planChange } from './plan-change.ts';
import type { Refusal } from './refusal.ts';
import type { EnvironmentState, State } from './state.ts';

/** Evaluations of one preview: contexts times the flags that the change affects, twice. */
const MAX_EVALUATIONS = 200_000;

export interface Served {
  readonly variation: string | null;
  readonly value: unknown;
  readonly reason: Decision['reason'];
  readonly rule: string | null;
}

export interface PreviewedFlag {
  readonly flag: string;
  /** The contexts, by their place in the sample, that are served another variation. */
  readonly changed: readonly { readonly context: number; readonly before: Served; readonly after: Served }[];
  readonly same: number;
}

export interface PreviewOrder {
  readonly environment: string;
  readonly change: Pick<Change, 'operations' | 'confirm'>;
  /** OpenFeature contexts, as they come. */
  readonly contexts: readonly unknown[];
  /** Where they ask: what rules on region, cloud and POP go by. */
  readonly place: Place;
  readonly now: number;
}

export function previewChange(
  state: State,
  { environment: key, change, contexts, place, now }: PreviewOrder,
): Result<readonly PreviewedFlag[], Refusal> {
  const before = get(state.environments, key);
  if (before === undefined) return refused({ code: 'not-found', what: 'environment', key });
  const plan = planChange(state, change, { now, holders: [] });
  if (!plan.ok) return plan;
  const effect = plan.value.effects.find(({ environment }) => environment === key);
  const flags = Object.keys(effect?.flags ?? {});
  if (flags.length * contexts.length * 2 > MAX_EVALUATIONS) {
    return refused({ code: 'too-many', what: 'evaluations of a preview', most: MAX_EVALUATIONS });
  }
  const after = get(plan.value.state.environments, key) as EnvironmentState;
  const sample = contexts.map((attributes) => createContext(attributes, place));
  const [old, next] = [readerOf(before, flags), readerOf(after, flags)];
  return ok(flags.map((flag) => previewFlag(flag, sample, old, next)));
}

const readerOf = ({ payload }: EnvironmentState, flags: readonly string[]): RulesetReader =>
  readLines(entryLines(closureOf(flags, (key) => get(payload.entries, key))), 1);

function previewFlag(
  flag: string,
  contexts: readonly Context[],
  before: RulesetReader,
  after: RulesetReader,
): PreviewedFlag {
  const changed = contexts.flatMap((context, at) => {
    const [old, next] = [servedTo(before, flag, context), servedTo(after, flag, context)];
    return old.variation === next.variation ? [] : [{ context: at, before: old, after: next }];
  });
  return { flag, changed, same: contexts.length - changed.length };
}

function servedTo(reader: RulesetReader, flag: string, context: Context): Served {
  const { variation, value, reason, rule } = evaluate(reader, flag, context);
  return { variation: variation ?? null, value: value ?? null, reason, rule: rule ?? null };
}
