/**
 * Brings the version in force to everybody by its stages (`plan-stages.ts`), and tells the stream what everybody may have. What comes of
 * it is written down at each step, so that a press that was ended in the midst of a soak goes on there.
 */
import type { Result } from '#schema/result';
import { rfc3339, type TargetAnswer } from './answers.ts';
import type { Edition } from './attempt.ts';
import { versionNeeded } from './plan-shift.ts';
import { afterWord, nextStep, type Stage, type StageWord } from './plan-stages.ts';
import type { OfferNeeds, StreamOffers } from './stream-offers.ts';
import {
  LOOK_INTERVAL_MS,
  NEVER_ATTEMPTED,
  notHeld,
  type TargetState,
  type TargetStatus,
  type Trouble,
  WRITE_INTERVAL_MS,
} from './target-schedule.ts';

export interface StagingStore {
  /** The version in force, everybody's or not. */
  inForce(): Edition | undefined;
  /** What everybody may have. */
  released(): Edition | undefined;
  /** What becomes everybody's before what is in force does; undefined where nothing has to. */
  expansion(): Edition | undefined;
  /** Where the version in force has come to. */
  stage(): Stage | undefined;
  /** One that is released is everybody's from then on, as is an expansion that its stage waits for no more. */
  putStage(stage: Stage): void;
}

export interface StagingDeps {
  readonly offers: StreamOffers;
  readonly store: StagingStore;
  readonly soakMs: number;
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Called once a version is everybody's: targets get it. */
  readonly onRelease: () => void;
  /** Targets that serve somebody and do not hold that version, or a later one. */
  readonly lacking: (version: number) => readonly string[];
}

export interface Staging {
  /** Takes all steps that are due, until one has to be waited for, or the stream cannot be reached. Never rejects. */
  run(): Promise<void>;
  /** Lets what is in force wait for no backoff. */
  expedite(): void;
  /** When to run next (milliseconds since 1970); infinite where nothing is in force. */
  dueAt(): number;
  answer(): TargetAnswer;
}

/** How long an answer is waited for: the stream gives a canary three seconds, and another one as long. */
const OFFER_WAIT_MS = 4_000;

export function createStaging({ offers, store, soakMs, now, random, onRelease, lacking }: StagingDeps): Staging {
  let state: TargetState = NEVER_ATTEMPTED;
  /** A new edition does not wait for what an older one is waited for. */
  let running: { readonly id: number; readonly done: Promise<void> } | undefined;
  /** What everybody was offered last, and the id of what anybody was. */
  let everybodys: Edition | undefined;
  let given = 0;

  const isBackingOff = (): boolean => state.attempts > 0 && now() < Math.min(state.nextAt, now() + LOOK_INTERVAL_MS);
  const isToldToAll = (): boolean => everybodys !== undefined && everybodys.id === store.released()?.id;
  const isLookDue = (): boolean => !isToldToAll() || now() >= Math.min(state.nextAt, now() + LOOK_INTERVAL_MS);

  async function ask(
    edition: Edition,
    audience: Stage['audience'],
    how: { readonly waitMs: number; readonly needs?: OfferNeeds | undefined },
  ): Promise<Result<StageWord, Trouble>> {
    const word = await offers.offer(edition, audience, {
      ...how,
      base: given === edition.id ? undefined : everybodys,
    });
    if (word.ok) given = word.value.verdict === 'behind' ? given : edition.id;
    else state = notHeld({ ...state, attemptedAt: now() }, word.error, now(), random());
    return word;
  }

  /** Again and again, for a channel may lose it. Whether it was told. */
  async function tellAll(): Promise<boolean> {
    const edition = store.released();
    if (edition === undefined || !isLookDue()) return true;
    const word = await ask(edition, 'all', { waitMs: 0 });
    if (!word.ok) return false;
    const { version } = edition.claims;
    state = { edition: edition.id, version, attempts: 0, attemptedAt: now(), nextAt: now() + LOOK_INTERVAL_MS };
    everybodys = edition;
    return true;
  }

  /** Whether there may be more to do at once. */
  async function step(id: number): Promise<boolean> {
    // Whoever is not of an audience must find what everybody has.
    if (!(await tellAll())) return false;
    const stage = store.stage();
    const edition = stage?.first === undefined ? store.inForce() : store.expansion();
    if (stage === undefined || edition === undefined) return false;
    const next = nextStep(stage, soakMs, now());
    if (next.kind !== 'offer') return !isToldToAll();
    const waitMs = next.audience === 'canary' ? OFFER_WAIT_MS : 0;
    const word = await ask(edition, next.audience, { waitMs, needs: needsOf(stage) });
    // What came meanwhile has a stage of its own.
    if (!word.ok || store.inForce()?.id !== id) return false;
    state = { ...state, attempts: 0 };
    // Or it waits no more, by somebody's order.
    if (store.stage() !== stage) return true;
    const after = afterWord(stage, word.value, soakMs, now());
    if (after !== stage) store.putStage(after);
    if (store.released() === edition) onRelease();
    const { phase } = after.first ?? after;
    return phase === 'offered' || phase === 'released';
  }

  /** What goes first needs nothing. */
  function needsOf({ first, needs = {} }: Stage): OfferNeeds | undefined {
    const version = first === undefined ? versionNeeded(needs) : undefined;
    return version === undefined ? undefined : { version, flags: Object.keys(needs), targets: lacking(version) };
  }

  async function loop(id: number): Promise<void> {
    while (store.inForce()?.id === id && !isBackingOff() && (await step(id)));
  }

  function statusOf(stage: Stage | undefined): TargetStatus {
    if (state.attempts > 0) return state.trouble?.kind === 'conflict' ? 'conflict' : 'failing';
    return stage?.phase === 'released' && isToldToAll() ? 'written' : 'pending';
  }

  return {
    run() {
      const id = store.inForce()?.id ?? 0;
      if (running?.id === id) return running.done;
      // A loop that has nothing to do yet is over before it is known: its end comes behind that.
      const done = loop(id).finally(() => {
        if (running?.done === done) running = undefined;
      });
      running = { id, done };
      return done;
    },
    expedite() {
      state = { ...state, attempts: 0, nextAt: 0 };
    },
    dueAt() {
      const stage = store.stage();
      if (stage === undefined) return 1 / 0;
      if (running !== undefined) return now() + WRITE_INTERVAL_MS;
      const lookAt = isToldToAll() || state.attempts > 0 ? Math.min(state.nextAt, now() + LOOK_INTERVAL_MS) : now();
      const next = nextStep(stage, soakMs, now());
      if (state.attempts > 0 || next.kind === 'nothing') return lookAt;
      return next.kind === 'wait' ? Math.min(next.until, lookAt) : now();
    },
    answer() {
      const stage = store.stage();
      const status = statusOf(stage);
      const { message } = (state.attempts > 0 && state.trouble) || { message: stage?.first?.why ?? stage?.why };
      return {
        ...{ name: 'stream', version: everybodys?.claims.version ?? null, state: status, attempts: state.attempts },
        ...(message !== undefined && { error: message }),
        ...(status === 'failing' && { nextAttemptAt: rfc3339(state.nextAt) }),
      };
    },
  };
}
