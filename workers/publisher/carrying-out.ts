/**
 * Carries plans out: signed, tried by a reader, and written down together with the journal entry and the stage. Where an expansion has to
 * go first (ADR 0019), both or neither.
 */
import { parseHeader, splitHeader } from '#ruleset/header';
import type { RulesetCrypto } from '#ruleset/verify';
import { classify } from '#ruleset/write/classify';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import type { Issuer } from './issuer.ts';
import type { NewEntry } from './journal-store.ts';
import { entriesOf, type KnownLines, knownLines } from './known-lines.ts';
import { draftOf, type Plan, planOf } from './plan-publish.ts';
import { planShift, type ShiftPlan, versionNeeded } from './plan-shift.ts';
import { beginStage, type FirstStage, goesOn, needing, released, type Stage } from './plan-stages.ts';
import type { InForce, PressStore, PutOptions } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import { WRITE_INTERVAL_MS } from './target-schedule.ts';
import type { ViewEditions } from './view-editions.ts';

export type Origin = Pick<NewEntry, 'kind' | 'actor' | 'reason'>;

export interface CarryingOutDeps {
  readonly crypto: RulesetCrypto;
  readonly issuer: Issuer;
  readonly viewEditions: ViewEditions;
  readonly store: PressStore;
  /** Without a stream a version is everybody's at once. */
  readonly isStaged: boolean;
  readonly wakeAt: (time: number) => Promise<void>;
  readonly now: () => number;
}

export interface CarryOptions extends Pick<PutOptions, 'acknowledge' | 'override'> {
  readonly origin: Origin;
}

export interface CarryingOut {
  /** Gives the lines that are then in force. */
  carryOut(plan: Plan, options: CarryOptions): Promise<Result<KnownLines, Refusal>>;
  /** Puts what is signed already in force. */
  put(ruleset: string, entry: Omit<NewEntry, 'version' | 'base' | 'digest'>): Promise<void>;
}

interface PutMore extends Omit<PutOptions, 'stage'> {
  readonly shift?: Pick<ShiftPlan, 'needs'> & { readonly first?: FirstStage | undefined };
}

const NO_SHIFT: ShiftPlan = { needs: {}, fresh: [] };

export function createCarryingOut(deps: CarryingOutDeps): CarryingOut {
  const { crypto, issuer, viewEditions, store, isStaged, wakeAt, now } = deps;
  const versionOf = (ruleset: string): number => parseHeader(splitHeader(ruleset).header, crypto).claims.version;

  async function put(ruleset: string, entry: Parameters<CarryingOut['put']>[1], more: PutMore = {}): Promise<void> {
    const { shift, ...options } = more;
    const stage = isStaged ? stageOf(versionOf(ruleset), entry, shift) : undefined;
    store.put(ruleset, entry, { ...options, stage });
    await wakeAt(now() + WRITE_INTERVAL_MS);
  }

  /** Only what somebody publishes is new to anybody. Signed again, a version stays where it is. */
  function stageOf(
    version: number,
    { kind, changes }: Parameters<CarryingOut['put']>[1],
    shift: PutMore['shift'],
  ): Stage {
    const before = store.stage();
    if (kind === 'resign' && before !== undefined) return before;
    if (kind !== 'publish') return released(version, 'return', now());
    return needing(beginStage(version, Object.values(changes), before, now()), shift?.needs ?? {}, shift?.first);
  }

  /** Nothing of a view keeps a return from being carried out: its target tells. */
  async function signed(plan: Plan, before: string | undefined, mustFit: boolean): Promise<Result<string, Refusal>> {
    const { version, lines, emptied, touched } = plan;
    const outgrown = mustFit ? viewEditions.sizeRefusal(lines) : undefined;
    if (outgrown !== undefined) return refused(outgrown);
    const issued = await issuer.issue(lines, emptied ? { version, emptied } : { version }, before, touched);
    if (!issued.ok) return issued;
    const unreadable = mustFit ? await viewEditions.readerRefusal(issued.value) : undefined;
    return unreadable === undefined ? issued : refused(unreadable);
  }

  function shiftOf({ known, changes }: Plan, override: readonly string[] = []): Result<ShiftPlan, Refusal> {
    const [force, everybodys] = [store.inForce(), store.released()];
    if (!isStaged || force === undefined || everybodys === undefined) return ok(NO_SHIFT);
    const before = knownLines(force.lines, known);
    const isReleased = everybodys.id === force.id;
    const { byKey } = isReleased ? before : knownLines(everybodys.lines, known);
    const returned = Object.keys(changes).filter((flag) => changes[flag] === 'return');
    return planShift(entriesOf(known), {
      force: { version: force.version, entries: entriesOf(before) },
      everybodys: (key) => byKey.get(key)?.entry,
      reach: (store.expansion() ?? everybodys).version,
      isReleased,
      since: store.since,
      exempt: new Set([...override, ...returned]),
    });
  }

  async function once(
    plan: Plan,
    { origin, ...options }: CarryOptions,
    { needs }: ShiftPlan,
  ): Promise<Result<KnownLines, Refusal>> {
    const text = await signed(plan, store.inForce()?.text, origin.kind === 'publish');
    if (!text.ok) return text;
    const shift = { needs, first: firstFor(versionNeeded(needs) ?? 0) };
    await put(text.value, { ...origin, time: now(), changes: plan.changes }, { ...options, shift });
    return ok(plan.known);
  }

  /** An expansion that is under way already, where that is what a version needs. */
  function firstFor(version: number): FirstStage | undefined {
    const first = store.stage()?.first;
    return first !== undefined && version > (store.released()?.version ?? 0) ? goesOn(first, now()) : undefined;
  }

  async function twice(
    plan: Plan,
    { origin, ...options }: CarryOptions,
    { needs, fresh }: ShiftPlan,
    expanded: readonly Entry[],
  ): Promise<Result<KnownLines, Refusal>> {
    const { first, second } = bothOf(plan, expanded, store.inForce() as InForce);
    const one = await signed(first, store.inForce()?.text, true);
    if (!one.ok) return one;
    const other = await signed(second, one.value, true);
    if (!other.ok) return other;
    const shift = {
      needs: { ...needs, ...Object.fromEntries(fresh.map((flag) => [flag, first.version])) },
      first: beginStage(first.version, ['content'], undefined, now()),
    };
    const expansion = { ruleset: one.value, changes: first.changes };
    await put(other.value, { ...origin, time: now(), changes: second.changes }, { ...options, shift, expansion });
    return ok(second.known);
  }

  function bothOf(plan: Plan, expanded: readonly Entry[], { version, lines }: InForce): { first: Plan; second: Plan } {
    const before = knownLines(lines, plan.known);
    const draft = draftOf(expanded, { version, lines }, before);
    const first = planOf(draft, before, classify(entriesOf(before), draft.entries, store.memory.served));
    // Revisions tell what changed since what is in force, as the caller counts; a reader tries what is other than in the first.
    const second = draftOf(entriesOf(plan.known), { version: first.version, lines }, before);
    return { first, second: planOf(second, first.known, Object.entries(plan.changes)) };
  }

  return {
    put,
    async carryOut(plan, options) {
      const shift = options.origin.kind === 'publish' ? shiftOf(plan, options.override) : ok(NO_SHIFT);
      if (!shift.ok) return shift;
      const { expanded } = shift.value;
      return expanded === undefined ? once(plan, options, shift.value) : twice(plan, options, shift.value, expanded);
    },
  };
}
