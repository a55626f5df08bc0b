/** What a change would do, for whoever is about to submit or approve it. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { ChangeClass } from '#ruleset/write/classify';
import { type Moved, movedIn } from '#ruleset/write/moved';
import type { Change } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';
import type { FlagEntry } from '#schema/entry';
import { ok, type Result } from '#schema/result';
import { missingApprovals } from './approvals.ts';
import { assess } from './assess.ts';
import { changeHash } from './change-hash.ts';
import { authorRefusal } from './check-author.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { type Bodies, type ItemKind, isFlagId, itemId } from './item.ts';
import { get } from './persistent-map.ts';
import { partyOf } from './persons.ts';
import { usesOfEntry } from './references.ts';
import type { MissingApproval, Refusal } from './refusal.ts';
import type { EnvironmentState, Requirement, State } from './state.ts';

/** An item before and after. */
export interface ItemDiff {
  readonly environment: string;
  readonly kind: ItemKind;
  readonly key: string;
  readonly old: Bodies[ItemKind] | null;
  readonly new: Bodies[ItemKind] | null;
  /** The fields of the body that differ. */
  readonly fields: readonly string[];
  /** What is new is for the archive: nobody will be served it. */
  readonly archived?: true;
}

/** A flag whose decisions may differ. */
export interface FlagDiff {
  readonly environment: string;
  readonly flag: string;
  readonly class: ChangeClass;
  /** What brings it about: itself, or what it uses. */
  readonly through: readonly string[];
  readonly moved: readonly Moved[];
}

export interface ChangeDiff {
  /** What an approval would be bound to. */
  readonly hash: string;
  readonly items: readonly ItemDiff[];
  readonly flags: readonly FlagDiff[];
  /** Environments whose payload is another. */
  readonly publishes: readonly string[];
  readonly isReturn: boolean;
  readonly requirements: readonly Requirement[];
  /** Who has to approve, besides the author. */
  readonly missing: readonly MissingApproval[];
  /** What keeps this actor from submitting it. */
  readonly refusal: Refusal | null;
}

export function diffChange(state: State, change: Change, actor: Actor, facts: Facts): Result<ChangeDiff, Refusal> {
  const editors = actor.kind === 'system' ? [] : [partyOf(actor)];
  const assessed = assess(state, change, editors, facts);
  if (!assessed.ok) return assessed;
  const { plan, requirements } = assessed.value;
  const hash = changeHash(change);
  const refusal = actor.kind === 'system' ? undefined : authorRefusal(actor, change, assessed.value, facts);
  return ok({
    hash,
    items: plan.events.flatMap((event) => itemDiff(state, event)),
    flags: plan.effects.flatMap(({ environment, flags }) =>
      Object.entries(flags).map(([flag, kind]) => flagDiff(state, plan.state, { environment, flag, kind })),
    ),
    publishes: plan.effects.filter(({ publishes }) => publishes).map(({ environment }) => environment),
    isReturn: plan.isReturn,
    requirements,
    missing: missingApprovals(state, { hash, editors, approvals: [], requirements }, facts),
    refusal: refusal ?? null,
  });
}

function itemDiff(state: State, event: Event): ItemDiff[] {
  if (event.type !== 'item-put' && event.type !== 'item-archived' && event.type !== 'item-deleted') return [];
  const { environment, kind, key } = event;
  const known = get(state.environments, environment);
  const item = known && get(known.items, itemId(kind, key));
  const old = item === undefined || item.archived ? null : item.body;
  const body = event.type === 'item-put' ? event.content.body : null;
  const archived = event.type === 'item-put' && event.archived;
  const fields = fieldsThatDiffer(old, body);
  return [{ environment, kind, key, old, new: body, fields, ...(archived && { archived }) }];
}

function fieldsThatDiffer(old: object | null, body: object | null): string[] {
  const [before, after] = [old ?? {}, body ?? {}] as Readonly<Record<string, unknown>>[];
  const names = new Set([...Object.keys(before as object), ...Object.keys(after as object)]);
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : canonicalJson(value));
  return [...names].filter((name) => text(before?.[name]) !== text(after?.[name])).sort();
}

interface Affected {
  readonly environment: string;
  readonly flag: string;
  readonly kind: ChangeClass;
}

function flagDiff(before: State, after: State, { environment, flag, kind }: Affected): FlagDiff {
  const [was, is] = [get(before.environments, environment), get(after.environments, environment)];
  const entryIn = (one: EnvironmentState | undefined): FlagEntry | undefined =>
    one && (get(one.payload.entries, flag) as FlagEntry | undefined);
  const [old, next] = [entryIn(was), entryIn(is)];
  const through = [...new Set([...closure(was, flag), ...closure(is, flag)])].filter((id) => differs(was, is, id));
  return {
    environment,
    flag,
    class: kind,
    through: through.sort(),
    moved: next === undefined ? [] : movedIn(next, old),
  };
}

/** The flag and all that it uses, layers and holdouts included. */
function closure(environment: EnvironmentState | undefined, flag: string): Set<string> {
  const ids = new Set([flag]);
  if (environment === undefined) return ids;
  for (const id of ids) {
    const entry = get(environment.payload.entries, id);
    if (entry !== undefined) for (const used of usesOfEntry(entry)) ids.add(used);
  }
  return ids;
}

function differs(was: EnvironmentState | undefined, is: EnvironmentState | undefined, id: string): boolean {
  const hasEntry = isFlagId(id) || id.startsWith('segment:');
  const at = (one: EnvironmentState | undefined): unknown =>
    one && (hasEntry ? get(one.payload.entries, id) : get(one.items, id)?.body);
  return at(was) !== at(is);
}
