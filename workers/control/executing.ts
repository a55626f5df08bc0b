/**
 * One command after another: decided on the state in memory, written down with all that it changes, and only then true. What is in
 * memory is what is in the store, or nothing.
 */
import { type SealRefusal, sealEntry } from '#control/audit/entry';
import { auditEntryOf } from '#control/audit-entry';
import { decide } from '#control/decide';
import type { Event } from '#control/event';
import { fold } from '#control/evolve';
import { type FactsNeeded, factsNeeded } from '#control/facts-needed';
import type { Refusal } from '#control/refusal';
import { rfc3339 } from '#control/rfc3339';
import { rowsBetween } from '#control/state-rows';
import { canonicalJson } from '#ruleset/canonical-json';
import { digestOfText } from '#ruleset/write/digest';
import type { AuditLeaf } from '#schema/audit';
import type { Command } from '#schema/control-command';
import { ok, type Result, refused } from '#schema/result';
import type { KeyedCommand } from './answer-store.ts';
import type { Attempted } from './delivery-store.ts';
import type { Answer, Known, Order, OrderRefusal } from './order.ts';
import type { Held, OrganisationStore, RestoreStep, Step } from './organisation-store.ts';
import { type Parcel, parcelChanges } from './parcel.ts';
import { restoringRefusal } from './restoring.ts';
import { mailOf, NO_MAIL, turnsAfter, withTurn } from './webhook-mail.ts';
import { webhookRefusal } from './webhook-refusal.ts';

/** The key came with something else before. */
type KeyUsed = Extract<OrderRefusal, { code: 'key-used-before' }>;

export interface ExecutingDeps {
  /** Its name. */
  readonly organisation: string;
  /** Says what is wrong with the address of a webhook, or nothing. */
  readonly addressFault: (url: string) => string | undefined;
  readonly store: OrganisationStore;
  readonly now: () => number;
  /** Random, never the same twice. */
  readonly newId: () => string;
}

export interface Executing {
  /** What is in the store. */
  held(): Held;
  /** Throws where the store fails: then perhaps it was done, and a key tells. */
  execute(order: Order): Result<Answer, OrderRefusal>;
  /** Why a command is refused whoever gives it, for what deciders cannot judge. */
  unfit(command: Command): OrderRefusal | undefined;
  /** What that key came to before; undefined where it is new. */
  earlier(keyed: KeyedCommand): Result<Answer | undefined, KeyUsed>;
  /** Entries of another log; `next` is what is in the store behind it. */
  restore(step: RestoreStep, next: Pick<Held, 'state' | 'end' | 'restoring'>): void;
  /** Those are gone again. */
  abandonRestore(): void;
  putParcel(environment: string, parcel: Parcel): void;
  /** What became of a delivery; what happened before `givenUpBefore` is given up with it. */
  keepAttempt(attempted: Attempted, givenUpBefore: number): void;
}

export function createExecuting({ store, organisation, addressFault, now, newId }: ExecutingDeps): Executing {
  let memory: Held | undefined;

  function held(): Held {
    memory ??= store.read();
    return memory;
  }

  /** Whether a store that failed has kept what it was given is not known before it is read again. */
  function change(write: () => void, next: () => Held): void {
    try {
      write();
      memory = next();
    } catch (error) {
      memory = undefined;
      throw error;
    }
  }

  function commit(step: Step, next: Partial<Held>): void {
    const before = held();
    const parcels = new Map(before.parcels);
    for (const [environment, parcel] of step.parcels) {
      if (parcel === undefined) parcels.delete(environment);
      else parcels.set(environment, parcel);
    }
    change(
      () => store.commit(step),
      () => ({ ...before, ...next, parcels, turns: turnsAfter(before.turns, step.mail, step.now) }),
    );
  }

  const answer = (seq: number | null, events: readonly Event[]): Result<Answer, never> =>
    ok({ seq, events, frozen: frozenIn(held()) });

  function answerAgain(seq: number | null): Result<Answer, never> {
    const [leaf] = seq === null ? [] : store.log.leaves(seq, 1);
    if (leaf === undefined) return answer(seq, []);
    const { entry } = JSON.parse(leaf.text) as AuditLeaf;
    return answer(seq, entry.events as unknown as readonly Event[]);
  }

  function earlier(keyed: KeyedCommand): Result<Answer | undefined, KeyUsed> {
    const found = store.answers.find(keyed, now());
    if (found === undefined) return ok(undefined);
    return found.command === keyed.command ? answerAgain(found.seq) : refused({ code: 'key-used-before' });
  }

  function carryOut({ command, actor, via, known }: Order, keyed: KeyedCommand | undefined) {
    const { state, end, parcels } = held();
    const facts = { ...known, now: now(), newId };
    const decided = orNothing(decide(state, command, actor, facts), keyed);
    if (!decided.ok) return decided;
    const events = decided.value;
    const endsRestore = command.type === 'finish-restore';
    const step = { now: facts.now, endsRestore, ...(keyed && { keyed }) };
    if (events.length === 0) {
      if (keyed !== undefined) commit({ ...step, rows: [], parcels: new Map(), mail: NO_MAIL }, {});
      return answer(null, events);
    }
    const entry = auditEntryOf({ before: state, command, actor, via, events });
    const sealed = sealEntry(entry, { seq: end.size, previous: end.hash, time: rfc3339(facts.now) });
    if (!sealed.ok) return refused(sealRefusal(sealed.error));
    const leaf = sealed.value;
    const after = fold(state, events);
    const { seq, hash } = leaf;
    const mail = mailOf({ organisation, before: state, after, events, entry, seq, hash, time: facts.now });
    const changed = parcelChanges(parcels, { events, after, now: facts.now });
    commit(
      { ...step, leaf, rows: rowsBetween(state, after), parcels: changed, mail },
      { state: after, end: { size: seq + 1, hash }, ...(endsRestore && { restoring: undefined }) },
    );
    return answer(seq, events);
  }

  const unfit = (command: Command): OrderRefusal | undefined => webhookRefusal(command, addressFault);

  return {
    held,
    unfit,
    earlier,
    execute(order) {
      const keyed = keyedCommand(order);
      const before = keyed === undefined ? ok(undefined) : earlier(keyed);
      if (!before.ok) return before;
      if (before.value !== undefined) return ok(before.value);
      const refusal = restoringRefusal(order.command, held()) ?? unfit(order.command);
      if (refusal !== undefined) return refused(refusal);
      const needed = factsNeeded(held().state, order.command, order.actor);
      if (!covers(order.known, needed)) return refused({ code: 'facts-missing', needed });
      return carryOut(order, keyed);
    },
    restore(step, next) {
      const before = held();
      change(
        () => store.restore(step),
        () => ({ ...before, ...next }),
      );
    },
    abandonRestore: () => change(() => store.abandonRestore(), store.read),
    putParcel(environment, parcel) {
      const before = held();
      change(
        () => store.putParcel(environment, parcel),
        () => ({ ...before, parcels: new Map([...before.parcels, [environment, parcel]]) }),
      );
    },
    keepAttempt(attempted, givenUpBefore) {
      const before = held();
      const { webhook } = attempted;
      change(
        () => store.deliveries.keep(attempted, givenUpBefore),
        () => ({ ...before, turns: withTurn(before.turns, webhook, store.deliveries.turnOf(webhook)) }),
      );
    },
  };
}

export const frozenIn = ({ parcels }: Pick<Held, 'parcels'>): string[] =>
  [...parcels].flatMap(([environment, { trouble }]) => (trouble === undefined ? [] : [environment])).sort();

const keyedCommand = ({ key, actor, command, digest }: Order): KeyedCommand | undefined =>
  key === undefined ? undefined : { principal: actor.id, key, command: digest ?? digestOfText(canonicalJson(command)) };

/** With a key, that there was nothing to do is an answer like any other, and given again though things are other by then. */
const orNothing = (decided: Result<readonly Event[], Refusal>, keyed: KeyedCommand | undefined): typeof decided =>
  keyed !== undefined && !decided.ok && decided.error.code === 'nothing-changes' ? ok([]) : decided;

/** What was found out about something else is of no use: the request may be another since. */
const covers = ({ asked }: Known, needed: FactsNeeded): boolean =>
  (['tickets', 'persons', 'principals'] as const).every((one) => {
    const known = new Set(asked[one]);
    return needed[one].every((name) => known.has(name));
  });

function sealRefusal(refusal: SealRefusal): OrderRefusal {
  switch (refusal.kind) {
    case 'too-large':
      return { code: 'entry-too-large', size: refusal.size, limit: refusal.limit };
    case 'no-json':
      return { code: 'no-json', path: refusal.path, message: refusal.message };
    default:
      return refusal satisfies never;
  }
}
