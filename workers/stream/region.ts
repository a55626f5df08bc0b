/**
 * A region of Cloudflare's POPs: one Durable Object near them, which the channel pushes to and isolates ask. What it does is in
 * `regional-ruleset.ts`; here are its storage, its alarm and its methods.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Bindings } from '#http/settings';
import { createRulesetCache } from '#ruleset/cache';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Ack } from '#schema/acks';
import { BOOKMARK_INTERVAL_MS, SILENCE_MS } from '#schema/stream-limits';
import type { RegionPort, Revalidation } from '#sdk/edge/region-store';
import type { ChannelStub } from './channel-port.ts';
import { createKeptText } from './kept-text.ts';
import type { RegionStub } from './region-teller.ts';
import { createRegionalRuleset, type RegionalRuleset } from './regional-ruleset.ts';
import { readStreamSettings } from './settings.ts';

/** A region that nobody asks any more says goodbye: it is no part of what is in force. */
const IDLE_MS = 60_000;

const encoder = new TextEncoder();
const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Region extends DurableObject<Env> implements RegionPort, RegionStub {
  readonly #ruleset: RegionalRuleset;
  readonly #environment: string;
  #hasAlarm = false;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { environment, publicKeys } = readStreamSettings(env as unknown as Bindings);
    this.#environment = environment;
    const kept = createKeptText(context.storage);
    const crypto_ = createWebCrypto(crypto.subtle as Subtle, publicKeys, encode);
    const now = Date.now;
    this.#ruleset = createRegionalRuleset({
      ...{ environment, region: this.#name(), crypto: crypto_, now, sleep, save: kept.put },
      cache: createRulesetCache({ environment, crypto: crypto_, now, staleAfterMs: SILENCE_MS }),
      home: { head: () => this.#channel().head(undefined), lines: (digest) => this.#channel().lines(digest) },
    });
    context.blockConcurrencyWhile(async () => {
      const text = kept.get();
      if (text !== undefined) await this.#ruleset.restore(text);
    });
  }

  /** Objects are named `<environment>/<region>`. */
  #name(): string {
    return (this.ctx.id.name ?? '').slice(this.#environment.length + 1);
  }

  #channel(): ChannelStub {
    return this.env.CHANNEL.getByName(this.#environment) as unknown as ChannelStub;
  }

  async push(text: string): Promise<Ack | undefined> {
    await this.#ruleset.push(text);
    return this.#isIdle() ? undefined : this.#ruleset.word();
  }

  #isIdle(): boolean {
    return Date.now() - this.#ruleset.askedAt() > IDLE_MS;
  }

  async revalidate(asked: Revalidation): Promise<string | 'unchanged' | null> {
    if (!this.#hasAlarm) {
      this.#hasAlarm = true;
      await this.ctx.storage.setAlarm(Date.now() + BOOKMARK_INTERVAL_MS);
    }
    return this.#ruleset.revalidate(asked);
  }

  /** Says what the region has, for as long as anybody asks. */
  override async alarm(): Promise<void> {
    const isIdle = this.#isIdle();
    this.#hasAlarm = !isIdle;
    if (!isIdle) await this.ctx.storage.setAlarm(Date.now() + BOOKMARK_INTERVAL_MS);
    if (!isIdle) await this.#ruleset.refresh();
    try {
      const word = this.#ruleset.word();
      await (isIdle ? this.#channel().goodbye(word.instance, 'relay', 'pop') : this.#channel().hear([word], 'relay'));
    } catch (error) {
      // The channel misses the region: that is what it then shows.
      console.error(`region: ${error instanceof Error ? error.message : error}`);
    }
  }
}
