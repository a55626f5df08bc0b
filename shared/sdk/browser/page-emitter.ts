/**
 * Tells ingest what a page's user saw, though the page may be closed at any moment. Whatever is told lies in IndexedDB at once, and until
 * ingest has acknowledged it: `sendBeacon` only says that the browser took it, so that it is sent once more by the next page, and counted
 * once. What a page that ends has no time left to keep there is stashed.
 */
import type { Beacon } from '#exposure/exposure';
import { type Chunk, chunkOf, chunksOf } from './chunks.ts';
import type { Item, PageExposure, PageOutcome } from './item.ts';
import type { ItemStash } from './item-stash.ts';
import type { ItemStore } from './item-store.ts';

/** What of the browser is used. */
export interface PagePlatform {
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  after(ms: number, run: () => void): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Whether the browser took it. */
  sendBeacon(url: string, body: Blob): boolean;
  /** Has it run whenever the page may be about to end. */
  onHidden(run: () => void): void;
}

export interface PageEmitterOptions {
  /** Who takes beacons without a key in a header, for no beacon has one: of the page's own origin. */
  readonly url: string;
  readonly store: ItemStore;
  readonly stash: ItemStash;
  readonly platform: PagePlatform;
}

export interface PageEmitter {
  exposed(exposure: PageExposure): void;
  tracked(outcome: PageOutcome): void;
  counts(): PageCounts;
}

export interface PageCounts {
  readonly told: number;
  /** Acknowledged; those of earlier pages as well. */
  readonly sent: number;
  /** Refused for good, or too many for a page that can keep nothing. */
  readonly dropped: number;
}

const FLUSH_MS = 1_000;
const BASE_MS = 1_000;
const CAP_MS = 60_000;
const DEADLINE_MS = 10_000;
const MAX_RETRY_AFTER_S = 300;
const REFUSED: readonly number[] = [400, 413];
/** Items that are read, and tried, at the same time. */
const MAX_READ = 200;
/** Items of a page that are not acknowledged. */
const MAX_HELD = 2_000;

interface Held {
  readonly item: Item;
  /** `homeless`: the store would not take it. */
  place: 'unsaved' | 'saved' | 'homeless';
  /** The browser has taken it: not twice in one page. */
  isHandedOver: boolean;
}

interface Answer {
  readonly fate: 'taken' | 'refused' | 'later';
  /** Of what was taken. */
  readonly refused: number;
  readonly retryAfterMs: number;
}

const LATER: Answer = { fate: 'later', refused: 0, retryAfterMs: 0 };

export function createPageEmitter({ url, store, stash, platform }: PageEmitterOptions): PageEmitter {
  const { now, random, after } = platform;
  const emitter = `page-${now().toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
  /** Of this page, until it is acknowledged, the oldest first: what a beacon takes along when the page ends. */
  const held = new Map<string, Held>();
  let unsaved: Held[] = [];
  let [told, sent, dropped, made, failures] = [0, 0, 0, 0, 0];
  let isSending = false;
  let isDue = false;

  const head = (): Omit<Beacon, 'events'> => ({
    emitter,
    sentAt: now(),
    ledger: { evaluated: told, exposed: told, sent, dropped },
  });

  function tell(of: Item['of'], what: Item['what']): void {
    told++;
    const id = `${now().toString(36).padStart(9, '0')}-${emitter}-${(made++).toString(36).padStart(6, '0')}`;
    if (held.size < MAX_HELD) hold({ id, of, what });
    else dropped++;
  }

  function hold(item: Item): void {
    const one: Held = { item, place: 'unsaved', isHandedOver: false };
    held.set(item.id, one);
    unsaved.push(one);
    if (unsaved.length === 1) void Promise.resolve().then(save);
    due(FLUSH_MS);
  }

  async function save(): Promise<void> {
    const those = unsaved;
    unsaved = [];
    const place = await store.add(those.map(({ item }) => item)).then(
      () => 'saved' as const,
      () => 'homeless' as const,
    );
    for (const one of those) one.place = place;
  }

  function due(ms: number): void {
    if (isDue) return;
    isDue = true;
    after(ms, flush);
  }

  /** One at a time; what there is more comes next. */
  function flush(): void {
    isDue = false;
    if (isSending) return;
    isSending = true;
    void sendSome().then((wait) => {
      isSending = false;
      if (wait !== undefined) due(wait);
    });
  }

  /** How long to wait for the next try; undefined where nothing is left. */
  async function sendSome(): Promise<number | undefined> {
    const saved = idsAt('saved');
    const kept = await store.oldest(MAX_READ).catch(() => undefined);
    // Another page has sent what does not lie there any more.
    if (kept && kept.length < MAX_READ) {
      const there = new Set(kept.map(({ id }) => id));
      for (const id of saved) if (!there.has(id)) held.delete(id);
    }
    const homeless = idsAt('homeless').flatMap((id) => held.get(id)?.item ?? []);
    const items = [...homeless, ...(kept ?? [])].slice(0, MAX_READ);
    if (items.length === 0) return held.size > 0 ? FLUSH_MS : undefined;
    for (const chunk of chunksOf(items, head())) {
      const wait = await sendChunk(chunk);
      if (wait !== undefined) return wait;
    }
    failures = 0;
    return 0;
  }

  const idsAt = (place: Held['place']): string[] =>
    [...held.values()].filter((one) => one.place === place).map(({ item }) => item.id);

  /** Down to the one item that is never taken. How long to wait where it did not arrive. */
  async function sendChunk({ items, body }: Chunk): Promise<number | undefined> {
    const { fate, refused, retryAfterMs } = await post(body);
    if (fate === 'later') return Math.max(retryAfterMs, random() * Math.min(CAP_MS, BASE_MS * 2 ** failures++));
    if (fate === 'refused' && items.length > 1) {
      const middle = items.length >> 1;
      const wait = await sendChunk(chunkOf(items.slice(0, middle), head()));
      return wait ?? sendChunk(chunkOf(items.slice(middle), head()));
    }
    const lost = fate === 'refused' ? items.length : refused;
    sent += items.length - lost;
    dropped += lost;
    const ids = items.map(({ id }) => id);
    for (const id of ids) held.delete(id);
    await store.remove(ids).catch(() => {});
    return undefined;
  }

  async function post(body: string): Promise<Answer> {
    const patience = new AbortController();
    const cancel = after(DEADLINE_MS, () => patience.abort());
    try {
      const headers = { 'content-type': 'application/json' };
      // It goes on where the page is left meanwhile.
      const init = { method: 'POST', headers, body, keepalive: true, signal: patience.signal };
      const response = await platform.fetch(url, init);
      const retryAfterMs = Math.min(Number(response.headers.get('retry-after')) || 0, MAX_RETRY_AFTER_S) * 1_000;
      if (!response.ok)
        return { ...LATER, fate: REFUSED.includes(response.status) ? 'refused' : 'later', retryAfterMs };
      const { rejected } = (await response.json()) as { readonly rejected?: unknown };
      // A yes without verdicts is somebody else's.
      return Array.isArray(rejected) ? { ...LATER, fate: 'taken', refused: rejected.length } : LATER;
    } catch {
      return LATER;
    } finally {
      cancel();
    }
  }

  /** Nothing that takes time happens any more: what is held goes into beacons until the browser takes no more. */
  function leave(): void {
    const homeless = [...held.values()].filter(({ place }) => place !== 'saved');
    stash.put(
      emitter,
      homeless.map(({ item }) => item),
    );
    const waiting = [...homeless, ...[...held.values()].filter(({ place }) => place === 'saved')];
    const items = waiting.filter(({ isHandedOver }) => !isHandedOver).map(({ item }) => item);
    for (const { items: some, body } of chunksOf(items, head())) {
      if (!platform.sendBeacon(url, new Blob([body], { type: 'application/json' }))) return;
      for (const { id } of some) (held.get(id) as Held).isHandedOver = true;
    }
  }

  platform.onHidden(leave);
  // What earlier pages left.
  for (const item of stash.takeAll()) hold(item);
  flush();

  return {
    exposed: (exposure) => tell('events', exposure),
    tracked: (outcome) => tell('outcomes', outcome),
    counts: () => ({ told, sent, dropped }),
  };
}
