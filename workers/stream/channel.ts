/**
 * The channel: one Durable Object an environment, because everybody is to be told the same by somebody who knows what was told before,
 * and because a customer who has thousands of clients then keeps no other waiting. What it does is in `stream-channel.ts`; here are its
 * storage, its timer and its methods.
 */
import { DurableObject } from 'cloudflare:workers';
import { createKvKeysReader } from '#edgekv/cloudflare/kv-reader';
import { findIssued } from '#http/issued-keys';
import type { Bindings } from '#http/settings';
import { createStreamAdmission } from '#http/stream-admission';
import type { Hello } from '#http/stream-hello';
import { rulesetEtag } from '#ruleset/position';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Ack, InstanceKind } from '#schema/acks';
import { ok, type Result, refused } from '#schema/result';
import { BOOKMARK_INTERVAL_MS } from '#schema/stream-limits';
import { createKeysSource, type KeysSource } from '#sdk/edge/keys-source';
import { createTables } from './channel-tables.ts';
import type { Convergence } from './convergence.ts';
import type { ConvergenceQuery } from './convergence-query.ts';
import { createEditionStore, type EditionStore } from './edition-store.ts';
import { createEditions, type Editions } from './editions.ts';
import { openSink } from './event-sink.ts';
import { createInstanceBoard, type InstanceBoard } from './instance-board.ts';
import { loadInstances, saveInstances } from './instance-store.ts';
import type { StreamKeyKind } from './key-kinds.ts';
import type { Offer, OfferRefusal } from './offer.ts';
import type { OfferWord } from './offer-word.ts';
import { createPiecesDigest } from './pieces-digest.ts';
import { createRegionTeller, type RegionStub } from './region-teller.ts';
import { readStreamSettings } from './settings.ts';
import { createStreamChannel, type OpenRefusal, type StreamChannel } from './stream-channel.ts';
import type { ClientKey } from './stream-clients.ts';

/** An edition without its lines. */
export interface EditionHead {
  readonly version: number;
  readonly digest: string;
  readonly header: string;
  readonly etag: string;
}

export interface KeysText {
  readonly text: string;
  readonly version: number;
  readonly etag: string;
}

/** As many relays as a region has come in within a second or two; a thousand of them take five. */
const ADMITTED_PER_SECOND = 200;
const MOST_STREAMS = 10_000;

const encoder = new TextEncoder();
const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;
const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Channel extends DurableObject<Env> {
  readonly #storage = this.ctx.storage;
  readonly #store: EditionStore;
  readonly #board: InstanceBoard;
  readonly #issued: KeysSource;
  #editions!: Editions;
  #channel!: StreamChannel;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the board was written down last. */
  #savedAt = 0;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { environment, publicKeys, sdkKeys, regions } = readStreamSettings(env as unknown as Bindings);
    createTables(this.#storage);
    this.#store = createEditionStore(this.#storage);
    this.#board = createInstanceBoard(loadInstances(this.#storage));
    const subtle = crypto.subtle as Subtle;
    const webCrypto = { ...createWebCrypto(subtle, publicKeys, encode), sha256Of: createPiecesDigest(subtle) };
    const now = (): number => Date.now();
    const kv = createKvKeysReader(env.RULESETS, environment);
    // What the publisher has said itself is no older than what it wrote.
    const keyStore = { read: async () => this.#store.keys() ?? (await kv.read()) };
    this.#issued = createKeysSource(keyStore, { environment, crypto: webCrypto, now });
    const find = findIssued<StreamKeyKind>(sdkKeys, this.#issued.document, now);
    const admission = createStreamAdmission({
      perSecond: ADMITTED_PER_SECOND,
      most: MOST_STREAMS,
      now,
      random: Math.random,
    });
    const tellRegions = createRegionTeller({
      regions,
      regionOf: (region) => env.REGION.getByName(`${environment}/${region}`) as unknown as RegionStub,
      heard: (word) => this.#channel.hear([word], 'relay'),
    });
    context.blockConcurrencyWhile(async () => {
      this.#editions = await createEditions({ environment, crypto: webCrypto, store: this.#store, encode });
      this.#channel = createStreamChannel({
        ...{ environment, editions: this.#editions, board: this.#board, admission, encode, now, sleep },
        findKey: () => (this.#issued.isKnown() ? find : undefined),
        published(edition) {
          // Its lines are put together for regions alone.
          if (regions.length > 0) context.waitUntil(tellRegions(`${edition.header}\n${edition.lines}`));
        },
      });
    });
  }

  open(hello: Hello, key: ClientKey): Result<ReadableStream<Uint8Array>, OpenRefusal> {
    let stream: ReadableStream<Uint8Array> | undefined;
    const opened = this.#channel.open(hello, key, (gone) => {
      const made = openSink(gone);
      stream = made.stream;
      return made.sink;
    });
    if (!opened.ok || stream === undefined) return opened.ok ? refused({ code: 'nothing-yet' }) : opened;
    this.#timer ??= setInterval(() => void this.tick(), BOOKMARK_INTERVAL_MS);
    return ok(stream);
  }

  /** What an instance ought to have; undefined where there is nothing yet. */
  head(instance: string | undefined): EditionHead | undefined {
    const told = this.#channel.editionOf(instance);
    if (told === undefined) return undefined;
    const { version, digest, header, ruleset } = told.edition;
    return { version, digest, header, etag: rulesetEtag(ruleset.claims) };
  }

  /** Undefined where they are not kept. */
  lines(digest: string): string | undefined {
    return this.#editions.linesOf(digest);
  }

  /** The keys document; undefined where there is none. */
  keys(): KeysText | undefined {
    const keys = this.#editions.keys();
    return keys && { text: keys.text, version: keys.edition.version, etag: rulesetEtag(keys.claims) };
  }

  hear(acks: readonly Ack[], kind: StreamKeyKind): void {
    this.#channel.hear(acks, kind);
    // Where nobody has a stream there is no tick.
    if (Date.now() - this.#savedAt >= BOOKMARK_INTERVAL_MS) this.#save();
  }

  goodbye(instance: string, kind: StreamKeyKind, as: InstanceKind): void {
    this.#channel.goodbye(instance, kind, as);
    this.#save();
  }

  convergence(query: ConvergenceQuery): Convergence {
    return this.#channel.convergence(query);
  }

  async offer(offer: Offer): Promise<Result<OfferWord, OfferRefusal>> {
    const word = await this.#channel.offer(offer);
    this.#save();
    return word;
  }

  #save(): void {
    this.#savedAt = Date.now();
    saveInstances(this.#storage, this.#board);
  }

  takeKeys(text: string): Promise<Result<undefined, OfferRefusal>> {
    return this.#channel.takeKeys(text);
  }

  /** Bookmarks, revoked keys, and what is to be written down. Public for tests: the timer calls it. */
  async tick(): Promise<void> {
    try {
      if (!this.#issued.isYoung()) await this.#issued.refreshed((work) => this.ctx.waitUntil(work));
    } catch (error) {
      console.error(`keys: ${error instanceof Error ? error.message : error}`);
    }
    this.#channel.tick();
    this.#save();
    this.#store.prune(this.#board.digests());
    if (this.#channel.clients() > 0) return;
    if (this.#timer !== undefined) clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
