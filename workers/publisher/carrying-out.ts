/** Carries plans out: signed, tried by a reader, and written down. What readers refuse is not begun with. */
import { splitHeader } from '#ruleset/header';
import { ok, type Result, refused } from '#schema/result';
import type { Issuer, Lasting } from './issuer.ts';
import type { NewEntry } from './journal-store.ts';
import type { Expansion } from './plan-expand.ts';
import type { Plan } from './plan-publish.ts';
import { expanding, type Stage } from './plan-stages.ts';
import type { InForce, PressStore, PutOptions } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import type { ViewEditions } from './view-editions.ts';

export type Origin = Pick<NewEntry, 'kind' | 'actor' | 'reason'>;
/** Puts a ruleset in force; without a stage of its own it begins the one that its changes ask for. */
export type Put = (ruleset: string, entry: Parameters<PressStore['put']>[1], how?: PutOptions) => Promise<void>;

export interface CarryingOutDeps {
  readonly issuer: Issuer;
  readonly viewEditions: ViewEditions;
  readonly store: Pick<PressStore, 'inForce' | 'stage'>;
  readonly put: Put;
  readonly now: () => number;
}

export interface CarryingOut {
  once(plan: Plan, origin: Origin, acknowledge?: number): Promise<Result<undefined, Refusal>>;
  /** Both, one behind the other: neither is written down unless both are good. */
  twice(expansion: Expansion, origin: Origin, acknowledge?: number): Promise<Result<undefined, Refusal>>;
}

export function createCarryingOut({ issuer, viewEditions, store, put, now }: CarryingOutDeps): CarryingOut {
  /** Nothing of a view keeps a return from being carried out: its target tells. */
  async function signed(plan: Plan, before: string | undefined, mustFit: boolean): Promise<Result<string, Refusal>> {
    const { version, lines, emptied, touched } = plan;
    const outgrown = mustFit ? viewEditions.sizeRefusal(lines) : undefined;
    if (outgrown !== undefined) return refused(outgrown);
    const claims: Lasting = emptied ? { version, emptied } : { version };
    const issued = await issuer.issue(lines, claims, before, touched);
    if (!issued.ok) return issued;
    const unreadable = mustFit ? await viewEditions.readerRefusal(issued.value) : undefined;
    return unreadable === undefined ? issued : refused(unreadable);
  }

  return {
    async once(plan, origin, acknowledge) {
      const text = await signed(plan, store.inForce()?.text, origin.kind === 'publish');
      if (!text.ok) return text;
      await put(text.value, { ...origin, time: now(), changes: plan.changes }, { acknowledge });
      return ok(undefined);
    },
    async twice({ first, second }, origin, acknowledge) {
      const before = store.inForce()?.text;
      const one = first && (await signed(first, before, true));
      if (one?.ok === false) return one;
      const other = await signed(second, one?.value ?? before, true);
      if (!other.ok) return other;
      if (first && one) await put(one.value, { ...origin, time: now(), changes: first.changes });
      const { id: entry, text } = store.inForce() as InForce;
      const goesFirst = { entry, header: splitHeader(text).header, stage: store.stage() as Stage };
      const stage = expanding(second.version, Object.values(second.changes), goesFirst, now());
      await put(other.value, { ...origin, time: now(), changes: second.changes }, { acknowledge, stage });
      return ok(undefined);
    },
  };
}
