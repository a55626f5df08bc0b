/** Makes one target hold the ruleset in force, attempt by attempt. `target-schedule.ts` says when; the caller comes back at that time. */
import type { RulesetTarget } from '#edgekv/ruleset-target';
import type { RulesetCrypto } from '#ruleset/verify';
import { type Result, refused } from '#schema/result';
import { attempt, type Edition, messageOf, type Outcome } from './attempt.ts';
import {
  attempted,
  dueAt,
  expedited,
  held,
  NEVER_ATTEMPTED,
  notHeld,
  sent,
  type TargetState,
  unfit,
  WRITE_INTERVAL_MS,
} from './target-schedule.ts';

export interface DeliveryDeps {
  readonly target: RulesetTarget;
  readonly crypto: RulesetCrypto;
  /** What is in force now; undefined where nothing is. */
  readonly inForce: () => Edition | undefined;
  /** What the target gets of it: all, or a view. Refused with why there is nothing. */
  readonly editionOf: (whole: Edition) => Promise<Result<Edition, string>>;
  readonly load: (target: string) => TargetState | undefined;
  readonly save: (target: string, state: TargetState) => void;
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Delivery {
  readonly name: string;
  /** Nobody is served from it. */
  readonly isRehearsal: boolean;
  state(): TargetState;
  /** When to run next (milliseconds since 1970); undefined where nothing is in force. */
  dueAt(): number | undefined;
  /** Attempts what is due now or within the second that a store asks for, until the target holds it or does not take it. */
  run(): Promise<void>;
  /** Lets what is in force wait for no backoff. */
  expedite(): void;
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { target, crypto, inForce, editionOf, save, now, random, sleep } = deps;
  let state = deps.load(target.name) ?? NEVER_ATTEMPTED;
  let running: Promise<void> | undefined;

  function set(next: TargetState): void {
    state = next;
    save(target.name, next);
  }

  function after(outcome: Outcome, { id, claims }: Edition): TargetState {
    if (outcome === 'held') return held(state, id, claims.version, now());
    if (outcome === 'sent') return sent(state, id, now());
    if (outcome.kind === 'unfit') return unfit(state, id, outcome.message, now());
    const failed = notHeld(state, outcome, now(), random());
    return inForce()?.id === id ? failed : expedited(failed);
  }

  /** Returns the id of what it attempted. */
  async function attemptOnce(whole: Edition): Promise<number> {
    set(attempted(state, now()));
    const edition = await editionOf(whole).catch((error: unknown) => refused(messageOf(error)));
    const outcome: Outcome = edition.ok
      ? await attempt(target, edition.value, crypto)
      : { kind: 'unfit', message: edition.error };
    set(noted(after(outcome, whole), edition.ok ? edition.value.note : undefined));
    return whole.id;
  }

  /** How long to wait for the next attempt of this run (milliseconds); infinite where there is none. */
  function patience(current: Edition | undefined, tried: number): number {
    // What failed is left to the next run; where the store only asked for patience, it has a moment more.
    if (current === undefined || (current.id === tried && state.trouble?.kind === 'failing')) return 1 / 0;
    return dueAt(state, current.id, now()) - now();
  }

  async function attemptUntilHeld(): Promise<void> {
    for (let tried = 0; ; ) {
      const current = inForce();
      const wait = patience(current, tried);
      if (current === undefined || wait > WRITE_INTERVAL_MS) {
        // No await since the look at what is in force: whatever comes now starts a run of its own.
        running = undefined;
        return;
      }
      if (wait > 0) await sleep(wait);
      // What is newest by now is what is written: those in between never are.
      tried = await attemptOnce(inForce() ?? current);
    }
  }

  return {
    name: target.name,
    isRehearsal: target.isRehearsal === true,
    state: () => state,
    dueAt() {
      const current = inForce();
      return current && dueAt(state, current.id, now());
    },
    run: () => {
      // Begun behind this statement, so that a run with nothing to do does not end before it is known.
      running ??= Promise.resolve()
        .then(attemptUntilHeld)
        .catch((error: unknown) => {
          running = undefined;
          throw error;
        });
      return running;
    },
    expedite: () => set(expedited(state)),
  };
}

function noted({ note: _last, ...state }: TargetState, note: string | undefined): TargetState {
  return note === undefined ? state : { ...state, note };
}
