/**
 * Whether a change only goes back to what served before, so that it needs nobody's approval. It must do nothing else: what no flag
 * shows (whose it is, a segment that none uses) is no part of a return.
 */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Entry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { closureOf } from './check-payload.ts';
import type { PayloadDraft } from './draft-payload.ts';
import type { ItemEvent } from './event.ts';
import { isFlagId, itemId } from './item.ts';
import { get } from './persistent-map.ts';
import { usesOfEntry } from './references.ts';
import type { Effect, EnvironmentState, State } from './state.ts';

export interface Outcome {
  /** The environment with its items as they shall be, and the payload as it was. */
  readonly environment: EnvironmentState;
  readonly touched: ReadonlySet<string>;
  readonly draft: PayloadDraft;
  readonly flags: Effect['flags'];
  readonly content: Effect['content'];
}

export const goesBack = (before: State, events: readonly ItemEvent[], outcomes: readonly Outcome[]): boolean =>
  events.every((event) => isOnlyItem(before, event)) && outcomes.every(everythingReturns);

/** Neither a policy or a key, nor anything that is new, nor somebody else's from now on. */
function isOnlyItem(before: State, event: ItemEvent): boolean {
  if (!('environment' in event)) return false;
  if (event.type !== 'item-put') return true;
  const environment = get(before.environments, event.environment);
  const people = environment && get(environment.items, itemId(event.kind, event.key))?.people;
  return people !== undefined && canonicalJson(people) === canonicalJson(event.people);
}

function everythingReturns({ environment, touched, draft, flags }: Outcome): boolean {
  const classes = Object.values(flags);
  if (classes.length === 0 || classes.some((one) => one !== 'return')) return false;
  const { payload } = environment;
  const changed = new Map(draft.changes.map(({ key, entry }) => [key, entry]));
  const entryBefore = (key: string): Entry | undefined => get(payload.entries, key);
  const entryAfter = (key: string): Entry | undefined => changed.get(key) ?? entryBefore(key);
  const usedByChanged = idsOf([...changed.values(), ...[...changed.keys()].map(entryBefore)]);
  const usedByFlags = idsOf([entryBefore, entryAfter].flatMap((at) => closureOf(Object.keys(flags), at)));
  const isShown = (id: string): boolean => (hasEntry(id) ? changed.has(id) : usedByChanged.has(id));
  return [...touched].every((id) => isShown(id) && usedByFlags.has(id));
}

/** The entries, and the layers and holdouts that they are in. */
const idsOf = (entries: readonly (Entry | null | undefined)[]): ReadonlySet<string> =>
  new Set(entries.flatMap((entry) => (entry ? [entry.k, ...usesOfEntry(entry)] : [])));

const hasEntry = (id: string): boolean => isFlagId(id) || id.startsWith(SEGMENT_PREFIX);
