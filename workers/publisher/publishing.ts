/**
 * Publishing in order: one request at a time, a return before all that waits, is planned, signed, tried, and written down together
 * with its journal entry; only then do targets get it. Storage, clock and targets come in.
 */
import type { RulesetTarget } from '#edgekv/ruleset-target';
import type { RulesetCrypto } from '#ruleset/verify';
import { classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Claims } from '#schema/claims';
import { ok, type Result } from '#schema/result';
import {
  type JournalAnswer,
  journalAnswer,
  type LinesAnswer,
  type PublishAnswer,
  type ReturnAnswer,
  type StatusAnswer,
  statusAnswer,
  type TargetAnswer,
} from './answers.ts';
import { createDeliveries } from './deliveries.ts';
import { createDelivery } from './delivery.ts';
import { findRuleset } from './find-ruleset.ts';
import { createIssuer } from './issuer.ts';
import type { NewEntry } from './journal-store.ts';
import { type Plan, type PublishRequest, planPublish } from './plan-publish.ts';
import { planReturn, type ReturnRequest } from './plan-return.ts';
import type { InForce, PressStore } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import type { PublisherSettings } from './settings.ts';
import { LOOK_INTERVAL_MS, WRITE_INTERVAL_MS } from './target-schedule.ts';
import { createTurns } from './turns.ts';

export interface PublishingDeps {
  readonly settings: Pick<PublisherSettings, 'environment' | 'signing'>;
  readonly crypto: RulesetCrypto;
  readonly store: PressStore;
  readonly targets: readonly RulesetTarget[];
  /** Has `tend` called at that time at the latest, restarts or not. Called right behind a change, it is kept together with it. */
  readonly wakeAt: (time: number) => Promise<void>;
  /** Resolves once all that was stored would survive a crash. */
  readonly stored: () => Promise<void>;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Publishing {
  publish(request: PublishRequest, actor: string): Promise<Result<PublishAnswer, Refusal>>;
  returnTo(request: ReturnRequest, actor: string): Promise<Result<ReturnAnswer, Refusal>>;
  status(): Promise<StatusAnswer>;
  lines(): Promise<Result<LinesAnswer, Refusal>>;
  journal(after: number, limit: number): JournalAnswer;
  /** Signs again what is half through its time, and sees to the targets. */
  tend(): Promise<void>;
  /** When to tend next (milliseconds since 1970); undefined where nothing is in force. */
  dueAt(): number | undefined;
}

/** Who does what nobody ordered. */
const ITSELF = 'publisher';

type Origin = Pick<NewEntry, 'kind' | 'actor' | 'reason'>;

export function createPublishing(deps: PublishingDeps): Publishing {
  const { settings, crypto, store, targets, wakeAt, stored, now, sleep } = deps;
  const { environment, signing } = settings;
  const { journal } = store;
  const issuer = createIssuer({ environment, signing, crypto, now });
  const { inForce: edition, target: load, putTarget: save } = store;
  const each = targets.map((target) => createDelivery({ ...deps, target, edition, load, save }));
  const deliveries = createDeliveries(each, sleep);
  const turns = createTurns();
  let resignNotBefore = 0;

  async function put(ruleset: string, entry: Parameters<PressStore['put']>[1], acknowledge?: number): Promise<void> {
    store.put(ruleset, entry, acknowledge);
    await wakeAt(now() + WRITE_INTERVAL_MS);
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
    const claims = emptied ? { version, emptied } : { version };
    const issued = await issuer.issue(lines, claims, store.inForce()?.text);
    if (!issued.ok) return issued;
    await put(issued.value, { ...origin, time: now(), changes }, acknowledge);
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

  async function resignIfDue(): Promise<void> {
    const force = store.inForce();
    if (force === undefined || now() < resignAt(force)) return;
    resignNotBefore = now() + LOOK_INTERVAL_MS;
    const { version, claims, lines, text } = force;
    const { emptied, takeover } = claims;
    const lasting = { version, ...(emptied && { emptied }), ...(takeover !== undefined && { takeover }) };
    const issued = await issuer.issue(lines, lasting, text);
    if (!issued.ok) throw new Error(`signing version ${version} again: ${JSON.stringify(issued.error)}`);
    await put(issued.value, { time: now(), kind: 'resign', actor: ITSELF, changes: {} });
    resignNotBefore = 0;
  }

  /** Once half of its time is over, or at once where another key signs now. */
  const resignAt = ({ kid, claims }: InForce): number =>
    Math.max(resignNotBefore, kid === signing.kid ? halfTime(claims) : 0);

  async function deliver(): Promise<readonly TargetAnswer[]> {
    await stored();
    await deliveries.run();
    const due = dueAt();
    if (due !== undefined) await wakeAt(due);
    return targetAnswers();
  }

  const targetAnswers = (): readonly TargetAnswer[] => deliveries.answers(store.inForce()?.id ?? 0);

  function dueAt(): number | undefined {
    const force = store.inForce();
    return force && Math.min(resignAt(force), deliveries.dueAt());
  }

  return {
    async publish(request, actor) {
      const { acknowledge, reason } = request;
      const done = await turns.take(async () => {
        const adopted = await adopt();
        if (!adopted.ok) return adopted;
        const [unacknowledged, lastEntry] = [journal.unacknowledged(), journal.lastId()];
        const planned = planPublish(request, adopted.value, { ...store.memory, unacknowledged, lastEntry });
        const origin: Origin = { kind: 'publish', actor, ...(reason !== undefined && { reason }) };
        return order(planned, origin, acknowledge);
      });
      if (!done.ok) return done;
      const { journalId: _entry, ...answer } = done.value;
      return ok({ ...answer, targets: await deliver() });
    },
    async returnTo(request, actor) {
      const done = await turns.take(async () => {
        const adopted = await adopt();
        if (!adopted.ok) return adopted;
        const planned = planReturn(request, adopted.value, store.history());
        return order(planned, { kind: 'return', actor, reason: request.reason });
      }, 'urgent');
      if (!done.ok) return done;
      if (done.value.published) deliveries.expedite();
      return ok({ ...done.value, targets: await deliver() });
    },
    async status() {
      const adopted = await present();
      const unacknowledged = journal.unacknowledged().length;
      return statusAnswer({ environment, adopted, targets: targetAnswers(), unacknowledged });
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
        await turns.take(resignIfDue);
      } finally {
        await deliver();
      }
    },
    dueAt,
  };
}

/** Milliseconds since 1970. */
const halfTime = ({ iat, exp }: Claims): number => ((iat + exp) / 2) * 1_000;
