/**
 * The press: one Durable Object an environment, because publishing needs one order, and a memory that outlives every isolate. What
 * it does is in `publishing.ts`; here are its storage, its alarm and its methods.
 */
import { DurableObject } from 'cloudflare:workers';
import { createEdgeKvTargets, type EdgeKvTargets } from '#edgekv/akamai/edgekv-targets';
import { createKvKeysWriter, createKvWriter } from '#edgekv/cloudflare/kv-writer';
import type { Bindings } from '#http/settings';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Result } from '#schema/result';
import type { JournalAnswer, LinesAnswer, PublishAnswer, ReturnAnswer, StatusAnswer } from './answers.ts';
import { messageOf } from './attempt.ts';
import {
  createKeysPublishing,
  type KeysAnswer,
  type KeysJournalAnswer,
  type KeysPublishing,
  type KeysStatusAnswer,
} from './keys-publishing.ts';
import { createKeysStore } from './keys-store.ts';
import type { PublishRequest } from './plan-publish.ts';
import type { ReturnRequest } from './plan-return.ts';
import { createPressStore } from './press-store.ts';
import { createPublishing, type Publishing } from './publishing.ts';
import type { KeysRequest } from './read-request.ts';
import type { Refusal } from './refusal.ts';
import { type PublisherSettings, readPublisherSettings } from './settings.ts';
import { createStreamKeysTarget } from './stream-keys-target.ts';
import { createStreamOffers, type StreamService } from './stream-offers.ts';
import { LOOK_INTERVAL_MS, WRITE_INTERVAL_MS } from './target-schedule.ts';
import type { ChangesRequest } from './whole-request.ts';

/**
 * Calls of Akamai's APIs go through the Worker that is bound here, where one is: for an address of their own, or a stand-in. Without a
 * stream nothing is staged.
 */
type BoundEnv = Omit<Env, 'STREAM'> & { readonly EDGEKV_API?: Fetcher; readonly STREAM?: StreamService };

/** How long what was ended in the midst of an alarm waits for the next. */
const RESUME_MS = 5_000;

/** Megabytes of lines are hashed several times a publish. */
const encoder = new TextEncoder();
const bytesOf = (ascii: string): Uint8Array<ArrayBuffer> => encoder.encode(ascii) as Uint8Array<ArrayBuffer>;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Press extends DurableObject<Env> {
  readonly #publishing: Publishing;
  readonly #keys: KeysPublishing;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { storage } = context;
    const settings = readPublisherSettings(env as unknown as Bindings);
    const webCrypto = createWebCrypto(crypto.subtle as Subtle, settings.publicKeys, bytesOf);
    const { environment, akamai } = settings;
    const store = createPressStore(storage, webCrypto);
    const { target: load, putTarget: save } = store;
    const edgeKv = akamaiTargets(settings, env);
    const platform = {
      crypto: webCrypto,
      stored: () => storage.sync(),
      now: Date.now,
      random: Math.random,
      sleep,
    };
    const service = (env as BoundEnv).STREAM;
    const stream = settings.stream && service && { ...settings.stream, service };
    this.#publishing = createPublishing({
      ...platform,
      // One alarm for both: neither puts off what the other has to do.
      wakeAt: (time) => storage.setAlarm(Math.min(time, this.#keys.dueAt() ?? 1 / 0)),
      ...{ settings, store, views: akamai?.views ?? [] },
      targets: [createKvWriter(env.RULESETS, environment), ...edgeKv.views],
      stream: stream && { offers: createStreamOffers(stream), soakMs: stream.soakMs },
    });
    this.#keys = createKeysPublishing({
      ...platform,
      wakeAt: (time) => storage.setAlarm(Math.min(time, this.#publishing.dueAt() ?? 1 / 0)),
      ...settings,
      ...{ load, save, store: createKeysStore(storage, webCrypto) },
      targets: [
        createKvKeysWriter(env.RULESETS, environment),
        ...edgeKv.keys,
        ...(stream === undefined ? [] : [createStreamKeysTarget(stream)]),
      ],
    });
    // Whatever became of the last alarm, a press that is awake is called again.
    context.blockConcurrencyWhile(async () => {
      const dueAt = this.#dueAt();
      // One that was ended within its alarm has set the next for much later than what it left undone is due.
      const alarm = (await storage.getAlarm()) ?? 1 / 0;
      if (dueAt < alarm) await storage.setAlarm(dueAt);
    });
  }

  /** Of all that there is to do; infinite where there is nothing. */
  #dueAt(): number {
    return Math.min(this.#publishing.dueAt() ?? 1 / 0, this.#keys.dueAt() ?? 1 / 0);
  }

  publish(request: PublishRequest | ChangesRequest, actor: string): Promise<Result<PublishAnswer, Refusal>> {
    return this.#publishing.publish(request, actor);
  }

  returnTo(request: ReturnRequest, actor: string): Promise<Result<ReturnAnswer, Refusal>> {
    return this.#publishing.returnTo(request, actor);
  }

  status(): Promise<StatusAnswer> {
    return this.#publishing.status();
  }

  lines(): Promise<Result<LinesAnswer, Refusal>> {
    return this.#publishing.lines();
  }

  async journal(after: number, limit: number): Promise<JournalAnswer> {
    return this.#publishing.journal(after, limit);
  }

  putKeys(request: KeysRequest, actor: string): Promise<Result<KeysAnswer, Refusal>> {
    return this.#keys.putKeys(request, actor);
  }

  async keys(): Promise<KeysStatusAnswer> {
    return this.#keys.keys();
  }

  async keysJournal(after: number, limit: number): Promise<KeysJournalAnswer> {
    return this.#keys.keysJournal(after, limit);
  }

  /**
   * The platform gives an alarm up that fails some times: this one never fails, and has the next one set before it begins, so soon that
   * what it is ended in the midst of is gone on with.
   */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + RESUME_MS);
    const done = await Promise.allSettled([this.#publishing.tend(), this.#keys.tend()]);
    const failures = done.filter(({ status }) => status === 'rejected');
    for (const { reason } of failures as PromiseRejectedResult[]) console.error(`press: ${messageOf(reason)}`);
    const next = Math.min(Date.now() + LOOK_INTERVAL_MS, this.#dueAt());
    await storage.setAlarm(failures.length === 0 ? next : Math.max(Date.now() + WRITE_INTERVAL_MS, next));
  }
}

function akamaiTargets({ akamai }: PublisherSettings, { EDGEKV_API: api }: BoundEnv): EdgeKvTargets {
  if (akamai === undefined) return { views: [], keys: [] };
  return createEdgeKvTargets(akamai, {
    fetch: (request) => (api === undefined ? fetch(request) : api.fetch(request)),
    now: Date.now,
    nonce: () => crypto.randomUUID(),
    sleep,
    subtle: crypto.subtle,
  });
}
