/**
 * Publishing in order: one request at a time, a return before all that waits, is planned, signed, tried, and written down together
 * with its journal entry; only then do targets get it. Storage, clock and targets come in.
 */
import type { View } from '#edgekv/akamai/view';
import type { RulesetTarget } from '#edgekv/ruleset-target';
import { createFaultCheck } from '#ruleset/fault-check';
import type { RulesetCrypto } from '#ruleset/verify';
import { classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import { ok, type Result } from '#schema/result';
import {
  type JournalAnswer,
  journalAnswer,
  type LinesAnswer,
  type PublishAnswer,
  type ReturnAnswer,
  type StatusAnswer,
  stageAnswer,
  statusAnswer,
  type TargetAnswer,
} from './answers.ts';
import type { Edition } from './attempt.ts';
import { type CarryOptions, createCarryingOut } from './carrying-out.ts';
import { createDeliveries } from './deliveries.ts';
import { createDelivery } from './delivery.ts';
import { findRuleset } from './find-ruleset.ts';
import { createIssuer } from './issuer.ts';
import { ITSELF } from './journal-store.ts';
import { NO_LINES, remembered } from './known-lines.ts';
import { type Plan, type PublishRequest, planPublish } from './plan-publish.ts';
import { planReturn, type ReturnRequest } from './plan-return.ts';
import { overridden, type Stage } from './plan-stages.ts';
import type { InForce, PressStore } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import { createResigning } from './resigning.ts';
import type { PublisherSettings } from './settings.ts';
import { createStaging } from './staging.ts';
import type { StreamOffers } from './stream-offers.ts';
import { createTurns } from './turns.ts';
import { createViewEditions } from './view-editions.ts';
import { type ChangesRequest, wholeRequest } from './whole-request.ts';

export interface PublishingDeps {
  readonly settings: Pick<PublisherSettings, 'environment' | 'signing'>;
  readonly crypto: RulesetCrypto;
  readonly store: PressStore;
  readonly targets: readonly RulesetTarget[];
  /** Where versions are staged; without it they are everybody's at once. */
  readonly stream?: { readonly offers: StreamOffers; readonly soakMs: number } | undefined;
  /** Those that targets are for. */
  readonly views: readonly View[];
  /** Has `tend` called at that time at the latest, restarts or not. Called right behind a change, it is kept together with it. */
  readonly wakeAt: (time: number) => Promise<void>;
  /** Resolves once all that was stored would survive a crash. */
  readonly stored: () => Promise<void>;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Publishing {
  publish(request: PublishRequest | ChangesRequest, actor: string): Promise<Result<PublishAnswer, Refusal>>;
  returnTo(request: ReturnRequest, actor: string): Promise<Result<ReturnAnswer, Refusal>>;
  status(): Promise<StatusAnswer>;
  lines(): Promise<Result<LinesAnswer, Refusal>>;
  journal(after: number, limit: number): JournalAnswer;
  /** Signs again what is half through its time, and sees to the targets. */
  tend(): Promise<void>;
  /** When to tend next (milliseconds since 1970); undefined where nothing is in force. */
  dueAt(): number | undefined;
}

type Delivered = Pick<PublishAnswer, 'targets' | 'stage'>;

/** How long whoever publishes is kept waiting for stages (milliseconds); what takes longer goes on behind. */
const PATIENCE_MS = 2_000;

export function createPublishing(deps: PublishingDeps): Publishing {
  const { settings, crypto, store, targets, views, stream, wakeAt, stored, now, random, sleep } = deps;
  const { environment, signing } = settings;
  const { journal } = store;
  const issuer = createIssuer({ environment, signing, crypto, now });
  const { target: load, putTarget: save } = store;
  const viewEditions = createViewEditions({ views, issuer, crypto });
  const each = targets.map((target) => {
    const editionOf = async (whole: Edition) => (target.view ? viewEditions.edition(target.view, whole) : ok(whole));
    // What serves nobody may have what is not everybody's yet.
    const inForce = stream === undefined || target.isRehearsal ? store.inForce : store.released;
    return createDelivery({ ...deps, target, inForce, editionOf, load, save });
  });
  const deliveries = createDeliveries(each, sleep);
  const onRelease = (): void => void deliveries.run();
  const { lacking } = deliveries;
  const staging = stream && createStaging({ ...stream, store, now, random, onRelease, lacking });
  const turns = createTurns();
  const faults = createFaultCheck();
  let known = NO_LINES;
  const isStaged = stream !== undefined;
  const { carryOut, put } = createCarryingOut({ crypto, issuer, viewEditions, store, isStaged, wakeAt, now });
  const resigning = createResigning({ ...deps, kid: signing.kid, issuer, put });

  /** Where the press is empty: what lies at the targets already is gone on with. */
  async function adopt(): Promise<Result<InForce | undefined, Refusal>> {
    const known = store.inForce();
    if (known !== undefined) return ok(known);
    const found = await findRuleset(targets, environment, crypto);
    if (!found.ok) return found;
    if (found.value === undefined) return ok(undefined);
    const { header, reader } = found.value;
    const changes = Object.fromEntries(classify([], parseLines(reader.lines)));
    const reason = 'found at a target when nothing was known';
    await put(`${header}\n${reader.lines}`, { time: now(), kind: 'adopt', actor: ITSELF, reason, changes });
    return ok(store.inForce());
  }

  /** For reads: they wait for a turn only where the press is empty. */
  async function present(): Promise<Result<InForce | undefined, Refusal>> {
    const known = store.inForce();
    return known === undefined ? turns.take(adopt) : ok(known);
  }

  /** What a plan came to, once it is carried out; targets are seen to afterwards. */
  async function order(
    planned: Result<Plan | undefined, Refusal>,
    options: CarryOptions,
  ): Promise<Result<Omit<ReturnAnswer, 'targets'>, Refusal>> {
    if (!planned.ok) return planned;
    let plan = planned.value;
    const { origin, acknowledge, override } = options;
    if (plan !== undefined) {
      const done = await carryOut(plan, options);
      if (!done.ok) return done;
      plan = done.value;
      known = remembered(plan.known);
    } else {
      if (acknowledge !== undefined) journal.acknowledge(acknowledge, now(), origin.actor);
      if (override !== undefined) letGo(override, origin);
    }
    const { id: journalId, version, claims } = store.inForce() as InForce;
    return ok({
      version,
      published: plan !== undefined,
      digest: claims.sha256,
      changes: plan?.changes ?? {},
      journalId,
    });
  }

  /** What is in force already does not wait for these flags any more. */
  function letGo(flags: readonly string[], origin: CarryOptions['origin']): void {
    const stage = store.stage();
    const after = stage && overridden(stage, flags, now());
    if (after !== undefined) store.putOverride(after, flags, { ...origin, time: now() });
  }

  async function deliver(): Promise<Delivered> {
    await stored();
    const staged = staging && Promise.race([staging.run().then(deliveries.run), sleep(PATIENCE_MS)]);
    await Promise.all([deliveries.run(), staged]);
    const due = dueAt();
    if (due !== undefined) await wakeAt(due);
    return { targets: targetAnswers(), ...stageNow() };
  }

  function targetAnswers(): readonly TargetAnswer[] {
    const answers = deliveries.answers(store.inForce()?.id ?? 0);
    return staging === undefined ? answers : [...answers, staging.answer()];
  }

  function stageNow(): Pick<Delivered, 'stage'> {
    const stage = stream && store.stage();
    return stage === undefined ? {} : { stage: stageAnswer(stage, store.released()) };
  }

  function dueAt(): number | undefined {
    const force = store.inForce();
    return force && Math.min(resigning.dueAt(force), deliveries.dueAt(), staging?.dueAt() ?? 1 / 0);
  }

  return {
    async publish(request, actor) {
      const { acknowledge, reason, override } = request;
      const done = await turns.take(async () => {
        const adopted = await adopt();
        if (!adopted.ok) return adopted;
        const [unacknowledged, lastEntry] = [journal.unacknowledged(), journal.lastId()];
        const { lines = '', claims } = adopted.value ?? {};
        const whole = wholeRequest(request, claims && { lines, digest: claims.sha256 });
        if (!whole.ok) return whole;
        const planned = planPublish(whole.value, adopted.value, {
          ...{ ...store.memory, unacknowledged, lastEntry },
          checked: { known, faults },
        });
        const origin = { kind: 'publish', actor, ...(reason !== undefined && { reason }) } as const;
        return order(planned, { origin, acknowledge, override });
      });
      if (!done.ok) return done;
      const { journalId: _entry, ...answer } = done.value;
      return ok({ ...answer, ...(await deliver()) });
    },
    async returnTo(request, actor) {
      const done = await turns.take(async () => {
        const adopted = await adopt();
        if (!adopted.ok) return adopted;
        // What not everybody has yet is not gone on with: it would be new to them, and wait for a canary.
        const unreleased = store.released()?.id === adopted.value?.id ? undefined : store.released();
        const planned = planReturn(request, adopted.value, store.history(), {
          released: unreleased,
          checked: { known, faults },
        });
        const waiting = store.stage();
        const ordered = await order(planned, { origin: { kind: 'return', actor, reason: request.reason } });
        if (!ordered.ok || !ordered.value.published) return ordered;
        return ok({ ...ordered.value, ...droppedOf(waiting, ordered.value.changes) });
      }, 'urgent');
      if (!done.ok) return done;
      if (done.value.published) {
        deliveries.expedite();
        staging?.expedite();
      }
      return ok({ ...done.value, ...(await deliver()) });
    },
    async status() {
      const adopted = await present();
      const unacknowledged = journal.unacknowledged().length;
      const { stage } = stageNow();
      return statusAnswer({ environment, adopted, targets: targetAnswers(), stage, unacknowledged });
    },
    async lines() {
      const adopted = await present();
      if (!adopted.ok) return adopted;
      const { version = 0, claims, lines = '' } = adopted.value ?? {};
      return ok({ version, digest: claims?.sha256 ?? '', lines });
    },
    journal: (after, limit) => journalAnswer(journal.list(after, limit)),
    async tend() {
      try {
        await turns.take(resigning.run);
      } finally {
        await deliver();
      }
    },
    dueAt,
  };
}

/** What was still on its way to everybody, and is gone back from: all of that, whatever was named. */
function droppedOf(stage: Stage | undefined, changes: ReturnAnswer['changes']): Pick<ReturnAnswer, 'dropped'> {
  if (stage === undefined || stage.phase === 'released') return {};
  return { dropped: { version: stage.version, flags: Object.keys(changes) } };
}
