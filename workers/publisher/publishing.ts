/**
 * Publishing in order: one request at a time, a return before all that waits, is planned, signed, tried, and written down together
 * with its journal entry; only then do targets get it. Storage, clock and targets come in.
 */
import type { View } from '#edgekv/akamai/view';
import type { RulesetTarget } from '#edgekv/ruleset-target';
import { createFaultCheck } from '#ruleset/fault-check';
import { parseHeader, splitHeader } from '#ruleset/header';
import type { RulesetCrypto } from '#ruleset/verify';
import { classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import { ok, type Result, refused } from '#schema/result';
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
import { createDeliveries } from './deliveries.ts';
import { createDelivery } from './delivery.ts';
import { findRuleset } from './find-ruleset.ts';
import { createIssuer } from './issuer.ts';
import { ITSELF, type NewEntry } from './journal-store.ts';
import { NO_LINES, remembered } from './known-lines.ts';
import { type Plan, type PublishRequest, planPublish } from './plan-publish.ts';
import { planReturn, type ReturnRequest } from './plan-return.ts';
import { beginStage, released, type Stage } from './plan-stages.ts';
import type { InForce, PressStore } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import { createResigning } from './resigning.ts';
import type { PublisherSettings } from './settings.ts';
import { createStaging } from './staging.ts';
import type { StreamOffers } from './stream-offers.ts';
import { WRITE_INTERVAL_MS } from './target-schedule.ts';
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

type Origin = Pick<NewEntry, 'kind' | 'actor' | 'reason'>;

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
  const staging = stream && createStaging({ ...stream, store, now, random, onRelease });
  const turns = createTurns();
  const faults = createFaultCheck();
  let known = NO_LINES;
  const resigning = createResigning({ ...deps, kid: signing.kid, issuer, put });

  async function put(ruleset: string, entry: Parameters<PressStore['put']>[1], acknowledge?: number): Promise<void> {
    store.put(ruleset, entry, { acknowledge, stage: stream && stageOf(ruleset, entry) });
    await wakeAt(now() + WRITE_INTERVAL_MS);
  }

  /** Only what somebody publishes is new to anybody. Signed again, a version stays where it is. */
  function stageOf(ruleset: string, { kind, changes }: Parameters<PressStore['put']>[1]): Stage {
    const { version } = parseHeader(splitHeader(ruleset).header, crypto).claims;
    const before = store.stage();
    if (kind === 'resign' && before !== undefined) return before;
    return kind === 'publish'
      ? beginStage(version, Object.values(changes), before, now())
      : released(version, 'return', now());
  }

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

  async function carryOut(plan: Plan, origin: Origin, acknowledge?: number): Promise<Result<undefined, Refusal>> {
    const { version, lines, emptied, changes } = plan;
    // Nothing of a view keeps a return from being carried out: its target tells.
    const mustFit = origin.kind === 'publish';
    const outgrown = mustFit ? viewEditions.sizeRefusal(lines) : undefined;
    if (outgrown !== undefined) return refused(outgrown);
    const claims = emptied ? { version, emptied } : { version };
    const issued = await issuer.issue(lines, claims, store.inForce()?.text, plan.touched);
    if (!issued.ok) return issued;
    const unreadable = mustFit ? await viewEditions.readerRefusal(issued.value) : undefined;
    if (unreadable !== undefined) return refused(unreadable);
    await put(issued.value, { ...origin, time: now(), changes }, acknowledge);
    known = remembered(plan.known);
    return ok(undefined);
  }

  /** What a plan came to, once it is carried out; targets are seen to afterwards. */
  async function order(
    planned: Result<Plan | undefined, Refusal>,
    origin: Origin,
    acknowledge?: number,
  ): Promise<Result<Omit<ReturnAnswer, 'targets'>, Refusal>> {
    if (!planned.ok) return planned;
    const plan = planned.value;
    if (plan !== undefined) {
      const done = await carryOut(plan, origin, acknowledge);
      if (!done.ok) return done;
    } else if (acknowledge !== undefined) {
      journal.acknowledge(acknowledge, now(), origin.actor);
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
      const { acknowledge, reason } = request;
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
        const origin: Origin = { kind: 'publish', actor, ...(reason !== undefined && { reason }) };
        return order(planned, origin, acknowledge);
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
        const unreleased = store.released()?.id === adopted.value?.id ? undefined : store.released()?.lines;
        const planned = planReturn(request, adopted.value, store.history(), {
          released: unreleased,
          checked: { known, faults },
        });
        return order(planned, { kind: 'return', actor, reason: request.reason });
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
