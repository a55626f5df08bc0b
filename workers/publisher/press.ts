/**
 * The press: one Durable Object an environment, because publishing needs one order, and a memory that outlives every isolate. What
 * it does is in `publishing.ts`; here are its storage, its alarm and its methods.
 */
import { DurableObject } from 'cloudflare:workers';
import { createEdgeKvTargets } from '#edgekv/akamai/edgekv-targets';
import { createKvWriter } from '#edgekv/cloudflare/kv-writer';
import type { RulesetTarget } from '#edgekv/ruleset-target';
import type { Bindings } from '#http/settings';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Result } from '#schema/result';
import type { JournalAnswer, LinesAnswer, PublishAnswer, ReturnAnswer, StatusAnswer } from './answers.ts';
import type { PublishRequest } from './plan-publish.ts';
import type { ReturnRequest } from './plan-return.ts';
import { createPressStore } from './press-store.ts';
import { createPublishing, type Publishing } from './publishing.ts';
import type { Refusal } from './refusal.ts';
import { type PublisherSettings, readPublisherSettings } from './settings.ts';
import { LOOK_INTERVAL_MS } from './target-schedule.ts';
import type { ChangesRequest } from './whole-request.ts';

/** Calls of Akamai's APIs go through the Worker that is bound here, where one is: for an address of their own, or a stand-in. */
type EdgeKvEnv = Env & { readonly EDGEKV_API?: Fetcher };

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Press extends DurableObject<Env> {
  readonly #publishing: Publishing;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { storage } = context;
    const settings = readPublisherSettings(env as unknown as Bindings);
    const webCrypto = createWebCrypto(crypto.subtle as Subtle, settings.publicKeys);
    this.#publishing = createPublishing({
      settings,
      crypto: webCrypto,
      store: createPressStore(storage, webCrypto),
      targets: [createKvWriter(env.RULESETS, settings.environment), ...akamaiTargets(settings, env)],
      views: settings.akamai?.views ?? [],
      wakeAt: (time) => storage.setAlarm(time),
      stored: () => storage.sync(),
      now: Date.now,
      random: Math.random,
      sleep,
    });
    // Whatever became of the last alarm, a press that is awake is called again.
    context.blockConcurrencyWhile(async () => {
      const dueAt = this.#publishing.dueAt();
      if (dueAt !== undefined && (await storage.getAlarm()) === null) await storage.setAlarm(dueAt);
    });
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

  /** The platform gives an alarm up that fails some times: this one never fails, and has the next one set before it begins. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + LOOK_INTERVAL_MS);
    try {
      await this.#publishing.tend();
    } catch (error) {
      console.error(`press: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function akamaiTargets({ akamai }: PublisherSettings, { EDGEKV_API: api }: EdgeKvEnv): RulesetTarget[] {
  if (akamai === undefined) return [];
  return createEdgeKvTargets(akamai, {
    fetch: (request) => (api === undefined ? fetch(request) : api.fetch(request)),
    now: Date.now,
    nonce: () => crypto.randomUUID(),
    sleep,
    subtle: crypto.subtle,
  });
}
