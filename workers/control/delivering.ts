/**
 * Sends webhooks what waits for them: each in the order of the log, at least once, and none of them waits for another. A receiver tells
 * what it has had before by the id.
 */
import { get } from '#control/persistent-map';
import type { Recorded } from '#control/state';
import type { Webhook } from '#schema/control-webhook';
import { ok, type Result, refused } from '#schema/result';
import type { Attempted, Delivery, DeliveryStore, PlacedDelivery } from './delivery-store.ts';
import type { Executing } from './executing.ts';
import { ITSELF } from './itself.ts';
import { nothingKnown } from './order.ts';
import { type Message, testMessage } from './webhook-message.ts';
import { PATIENCE_MS, type SendOutcome, type WebhookPort } from './webhook-port.ts';

export interface DeliveringDeps {
  readonly organisation: string;
  readonly executing: Executing;
  readonly deliveries: Pick<DeliveryStore, 'first' | 'find' | 'failingSince' | 'add' | 'page'>;
  readonly receivers: WebhookPort;
  readonly now: () => number;
  readonly newId: () => string;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface Delivering {
  /** Begins to send what is due. One of what it gives resolves whenever something was sent; it rejects where the store fails. */
  run(onSent: () => Promise<void>): readonly Promise<void>[];
  /** When to run next (milliseconds since 1970); undefined where nothing waits. */
  dueAt(): number | undefined;
  /** What a webhook was sent, or is to be, the newest first, behind the one at `before`. */
  page(webhook: string, before: number, limit: number): Result<readonly PlacedDelivery[], DeliveryRefusal>;
  /** Sends one more time what was delivered, or given up; what waits keeps its turn. */
  again(webhook: string, id: string): Promise<Result<Delivery, DeliveryRefusal>>;
  /** Sends something that says nothing, to see whether it arrives. */
  test(webhook: string): Promise<Result<Delivery, DeliveryRefusal>>;
}

export type DeliveryRefusal =
  | { readonly code: 'not-found'; readonly what: 'webhook'; readonly key: string }
  | { readonly code: 'no-delivery'; readonly id: string }
  /** It is tried by itself, in its turn. */
  | { readonly code: 'still-waiting'; readonly id: string };

/** A Worker has six connections at a time; the publishers shall find some. */
const AT_ONCE = 4;
/** Whoever was sent something and does not come back has lost its life: then it is sent again. */
const LEASE_MS = PATIENCE_MS + 5_000;
/** While all are taken, nobody has to be woken for more. */
const BUSY_MS = 1_000;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 10 * 60_000;
/** Behind it, what happened is given up where the receiver still does not take it. */
export const GIVE_UP_MS = 8 * 60 * 60_000;
/** Who has taken nothing for so long is sent nothing more, once something is given up again. */
export const DISABLE_AFTER_MS = 5 * 24 * 60 * 60_000;

export function createDelivering(deps: DeliveringDeps): Delivering {
  const { organisation, executing, deliveries, receivers, now, newId, random } = deps;
  /** By webhook, until when to wait for what is being sent. */
  const sending = new Map<string, number>();
  /** When each was last served, so that all come to their turns. */
  const served = new Map<string, number>();
  let [lanes, turn] = [0, 0];

  const webhookAt = (key: string): Recorded<Webhook> | undefined => get(executing.held().state.webhooks, key);

  const nextDue = (): string | undefined =>
    [...executing.held().turns]
      .filter(([webhook, time]) => time <= now() && !sending.has(webhook))
      .map(([webhook]) => webhook)
      .sort((a, b) => (served.get(a) ?? 0) - (served.get(b) ?? 0))[0];

  function keepFailure(delivery: Delivery, outcome: SendOutcome, revision: number): void {
    const tooLate = now() - GIVE_UP_MS;
    const longest = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** delivery.attempts);
    const present = webhookAt(delivery.webhook);
    // Disabled meanwhile, it does not wait any more; changed, it waits for no backoff.
    const waits = outcome.kind === 'failed' && delivery.time >= tooLate && present?.body.enabled;
    const delay = present?.revision === revision ? 1 + Math.floor(random() * longest) : 1;
    const status = waits ? 'waiting' : 'failed';
    executing.keepAttempt({ ...attempted(delivery, outcome, now()), status, nextAt: now() + delay }, tooLate);
    if (outcome.kind === 'gone')
      disable(delivery.webhook, revision, `answered ${outcome.code}: it will not be there again`);
    else if (!waits && hasFailedLong(delivery.webhook))
      disable(delivery.webhook, revision, 'has taken nothing for 5 days');
  }

  function hasFailedLong(webhook: string): boolean {
    const since = deliveries.failingSince(webhook);
    return since !== undefined && since <= now() - DISABLE_AFTER_MS;
  }

  async function sendFirst(webhook: string): Promise<void> {
    const delivery = deliveries.first(webhook);
    const found = webhookAt(webhook);
    if (delivery === undefined || found === undefined) throw new Error(`nothing waits for webhook ${webhook}`);
    const { id, body } = delivery;
    const outcome = await receivers.send({ url: found.body.url, id, body });
    if (outcome.kind === 'delivered') {
      executing.keepAttempt(attempted(delivery, outcome, now()), 0);
      return;
    }
    keepFailure(delivery, outcome, found.revision);
  }

  function disable(webhook: string, revision: number, why: string): void {
    const command = { type: 'disable-webhook', webhook, revision, reason: `Its receiver ${why}.` } as const;
    executing.execute({ command, actor: ITSELF, via: 'webhooks', known: nothingKnown });
  }

  async function lane(onSent: () => Promise<void>): Promise<void> {
    lanes += 1;
    try {
      for (let webhook = nextDue(); webhook !== undefined; webhook = nextDue()) {
        served.set(webhook, ++turn);
        sending.set(webhook, now() + LEASE_MS);
        try {
          await sendFirst(webhook);
        } finally {
          sending.delete(webhook);
        }
        await onSent();
      }
    } finally {
      lanes -= 1;
    }
  }

  /** Out of turn, and once: somebody waits for the outcome. */
  async function sendNow(message: Message, url: string): Promise<Attempted> {
    const { webhook, id, body } = message;
    const outcome = await receivers.send({ url, id, body });
    const attempts = deliveries.find(webhook, id)?.attempts ?? 0;
    return attempted({ webhook, id, attempts }, outcome, now());
  }

  return {
    run(onSent) {
      const begun: Promise<void>[] = [];
      while (lanes < AT_ONCE && nextDue() !== undefined) begun.push(lane(onSent));
      return begun;
    },
    dueAt() {
      const times = [...executing.held().turns].map(([webhook, time]) => sending.get(webhook) ?? time);
      if (times.length === 0) return undefined;
      return Math.max(Math.min(...times), lanes < AT_ONCE ? 0 : now() + BUSY_MS);
    },
    page: (webhook, before, limit) =>
      webhookAt(webhook) === undefined
        ? refused({ code: 'not-found', what: 'webhook', key: webhook })
        : ok(deliveries.page(webhook, before, limit)),
    async again(webhook, id) {
      const [found, delivery] = [webhookAt(webhook), deliveries.find(webhook, id)];
      if (found === undefined) return refused({ code: 'not-found', what: 'webhook', key: webhook });
      if (delivery === undefined) return refused({ code: 'no-delivery', id });
      if (delivery.status === 'waiting') return refused({ code: 'still-waiting', id });
      const done = await sendNow(delivery, found.body.url);
      executing.keepAttempt(done, 0);
      return ok({ ...delivery, ...done });
    },
    async test(webhook) {
      const found = webhookAt(webhook);
      if (found === undefined) return refused({ code: 'not-found', what: 'webhook', key: webhook });
      const message = testMessage(organisation, webhook, { now: now(), id: newId() });
      const done = await sendNow(message, found.body.url);
      deliveries.add(message, done);
      return ok({ ...message, ...done });
    },
  };
}

const attempted = (
  { webhook, id, attempts }: Pick<Delivery, 'webhook' | 'id' | 'attempts'>,
  outcome: SendOutcome,
  now: number,
): Attempted => ({
  ...{ webhook, id, attempts: attempts + 1, nextAt: now, triedAt: now },
  status: outcome.kind === 'delivered' ? 'delivered' : 'failed',
  code: outcome.code ?? null,
  error: 'error' in outcome ? outcome.error : outcome.kind === 'gone' ? 'the receiver is gone' : null,
});
