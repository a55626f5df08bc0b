/**
 * Carries plans out: signed, tried by a reader, and written down together with the journal entry and the stage. Where an expansion has to
 * go first (ADR 0019), both or neither.
 */
import { parseHeader, splitHeader } from '#ruleset/header';
import type { RulesetCrypto } from '#ruleset/verify';
import { ok, type Result, refused } from '#schema/result';
import type { Issuer } from './issuer.ts';
import type { NewEntry } from './journal-store.ts';
import type { KnownLines } from './known-lines.ts';
import { type Course, type FirstPlan, planCourse } from './plan-course.ts';
import type { Plan } from './plan-publish.ts';
import { beginStage, released, type Stage } from './plan-stages.ts';
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

export function createCarryingOut(deps: CarryingOutDeps): CarryingOut {
  const { crypto, issuer, viewEditions, store, isStaged, wakeAt, now } = deps;
  const versionOf = (ruleset: string): number => parseHeader(splitHeader(ruleset).header, crypto).claims.version;

  async function put(
    ruleset: string,
    entry: Parameters<CarryingOut['put']>[1],
    options: PutOptions = {},
  ): Promise<void> {
    const stage = isStaged ? (options.stage ?? stageOf(versionOf(ruleset), entry.kind)) : undefined;
    store.put(ruleset, entry, { ...options, stage });
    await wakeAt(now() + WRITE_INTERVAL_MS);
  }

  /** Only what somebody publishes is new to anybody. Signed again, a version stays where it is. */
  function stageOf(version: number, kind: Origin['kind']): Stage {
    const before = store.stage();
    if (kind === 'resign' && before !== undefined) return before;
    return released(version, 'return', now());
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

  async function once(plan: Plan, { origin, ...options }: PutOptions & CarryOptions) {
    const text = await signed(plan, store.inForce()?.text, origin.kind === 'publish');
    if (!text.ok) return text;
    await put(text.value, { ...origin, time: now(), changes: plan.changes }, options);
    return ok(plan.known);
  }

  async function twice({ plan, stage }: Course, first: FirstPlan, { origin, ...options }: CarryOptions) {
    const one = await signed(first.plan, first.before, true);
    if (!one.ok) return one;
    const other = await signed(plan, one.value, true);
    if (!other.ok) return other;
    const expansion = { ...first, ruleset: one.value, changes: first.plan.changes };
    await put(other.value, { ...origin, time: now(), changes: plan.changes }, { ...options, stage, expansion });
    return ok(plan.known);
  }

  function courseOf(plan: Plan, { override = [] }: CarryOptions, force: InForce): Result<Course, Refusal> {
    const { served } = store.memory;
    const [released, expansion, stage] = [store.released(), store.expansion(), store.stage()];
    const { since, overridden } = store;
    const background = { force, released, expansion, stage, served, since, overridden, override, now: now() };
    return planCourse(plan, background);
  }

  return {
    put,
    async carryOut(plan, options) {
      const force = store.inForce();
      if (!isStaged || options.origin.kind !== 'publish') return once(plan, options);
      if (force === undefined) {
        return once(plan, {
          ...options,
          stage: beginStage(plan.version, Object.values(plan.changes), undefined, now()),
        });
      }
      const course = courseOf(plan, options, force);
      if (!course.ok) return course;
      const { first, stage } = course.value;
      if (typeof first === 'object') return twice(course.value, first, options);
      return once(course.value.plan, { ...options, stage, expansion: first });
    },
  };
}
