/**
 * Carries plans out: signed, tried by a reader, and written down together with the journal entry and the stage. Where an expansion has to
 * go first (ADR 0020), both or neither.
 */
import { parseHeader, splitHeader } from '#ruleset/header';
import type { RulesetCrypto } from '#ruleset/verify';
import { ok, type Result, refused } from '#schema/result';
import type { Issuer } from './issuer.ts';
import type { NewEntry } from './journal-store.ts';
import { type Course, planCourse } from './plan-course.ts';
import type { Plan } from './plan-publish.ts';
import { beginStage, isAsFar, released, type Stage } from './plan-stages.ts';
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
  /** Gives what is then in force. */
  carryOut(plan: Plan, options: CarryOptions): Promise<Result<Plan, Refusal>>;
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

  /** All that is written down, or nothing. */
  async function signedCourse({ plan, first }: Course): Promise<Result<Signed, Refusal>> {
    if (typeof first !== 'object') {
      const text = await signed(plan, store.inForce()?.text, true);
      return text.ok ? ok({ text: text.value, expansion: first }) : text;
    }
    const one = await signed(first.plan, store.inForce()?.text, true);
    if (!one.ok) return one;
    const text = await signed(plan, one.value, true);
    if (!text.ok) return text;
    const {
      plan: { changes },
      isReleased,
    } = first;
    return ok({ text: text.value, expansion: { ruleset: one.value, changes, isReleased } });
  }

  function courseOf(plan: Plan, { override = [] }: CarryOptions, force: InForce): Result<Course, Refusal> {
    const { served } = store.memory;
    const [released, expansion, stage] = [store.released(), store.expansion(), store.stage()];
    const { since, overridden } = store;
    const background = { force, released, expansion, stage, served, since, overridden, override, now: now() };
    return planCourse(plan, background);
  }

  async function publish(plan: Plan, { origin, ...options }: CarryOptions, force: InForce) {
    for (;;) {
      const before = store.stage();
      const course = courseOf(plan, { origin, ...options }, force);
      if (!course.ok) return course;
      const made = await signedCourse(course.value);
      if (!made.ok) return made;
      // What it stands on went on meanwhile: somebody may have been given what waited, or more is everybody's.
      if (!isAsFar(store.stage(), before)) continue;
      const { plan: second, stage } = course.value;
      const { text, expansion } = made.value;
      await put(text, { ...origin, time: now(), changes: second.changes }, { ...options, stage, expansion });
      return ok(second);
    }
  }

  return {
    put,
    async carryOut(plan, options) {
      const { origin, ...how } = options;
      const [force, isPublish] = [store.inForce(), origin.kind === 'publish'];
      if (isStaged && isPublish && force !== undefined) return publish(plan, options, force);
      const text = await signed(plan, force?.text, isPublish);
      if (!text.ok) return text;
      const { version, changes } = plan;
      const stage = isStaged && isPublish ? beginStage(version, Object.values(changes), undefined, now()) : undefined;
      await put(text.value, { ...origin, time: now(), changes }, { ...how, stage });
      return ok(plan);
    },
  };
}

interface Signed {
  readonly text: string;
  readonly expansion: PutOptions['expansion'];
}
