/**
 * A channel in order: who is connected is brought to the edition that is theirs, what they acknowledge goes onto the board, and the
 * publisher is told what an audience made of an edition. Storage, clock, randomness and keys come in.
 */
import type { FindKey } from '#http/sdk-keys';
import type { StreamAdmission } from '#http/stream-admission';
import type { Hello } from '#http/stream-hello';
import { bookmarkText } from '#http/stream-signals';
import { isSamePosition } from '#ruleset/position';
import type { Ack, InstanceKind } from '#schema/acks';
import { ok, type Result, refused } from '#schema/result';
import { EXPECTED_MS, UNHEARD_MS } from '#schema/stream-limits';
import { type Candidate, isOfAudience, pickCanary } from './audience.ts';
import { type Behind, behindOf } from './behind.ts';
import { type Convergence, convergence, type Waiting } from './convergence.ts';
import type { ConvergenceQuery } from './convergence-query.ts';
import type { Editions, StagedEdition, Told } from './editions.ts';
import type { EventSink } from './event-sink.ts';
import type { InstanceBoard } from './instance-board.ts';
import { mayAsk, type StreamKeyKind } from './key-kinds.ts';
import type { Offer, OfferNeeds, OfferRefusal } from './offer.ts';
import { type Asked, behindWord, CANARY_DEADLINE_MS, type OfferWord, offerWord } from './offer-word.ts';
import type { Kept } from './offered.ts';
import { type Chunk, type ClientKey, createStreamClients, type StreamClient } from './stream-clients.ts';

export type OpenRefusal =
  | { readonly code: 'nothing-yet' }
  | { readonly code: 'instance-taken' }
  | { readonly code: 'too-many'; readonly retryAfterSeconds: number };

export interface StreamChannel {
  /** `open` makes the client's sink once it is let in, with what to call when it leaves. */
  open(hello: Hello, key: ClientKey, open: (gone: () => void) => EventSink): Result<undefined, OpenRefusal>;
  /** What an instance ought to have; undefined where there is nothing yet. */
  editionOf(instance: string | undefined): Told | undefined;
  /** Resolves once the audience has answered, or after the time that the offer gives it. */
  offer(offer: Offer): Promise<Result<OfferWord, OfferRefusal>>;
  takeKeys(text: string): Promise<Result<undefined, OfferRefusal>>;
  /** Words of instances, carried by a key of that kind. */
  hear(acks: readonly Ack[], kind: StreamKeyKind): void;
  /** `as`: what it says that it is. */
  goodbye(instance: string, kind: StreamKeyKind, as: InstanceKind): void;
  convergence(query: ConvergenceQuery): Convergence;
  /** Every five seconds while somebody is connected: bookmarks, and whoever must go goes. */
  tick(): void;
  clients(): number;
  floor(): number;
}

export interface StreamChannelDeps {
  readonly environment: string;
  readonly editions: Editions;
  readonly board: InstanceBoard;
  readonly admission: StreamAdmission;
  /** Which keys are valid now; undefined where nothing was ever heard of them. */
  readonly findKey: () => FindKey<StreamKeyKind> | undefined;
  readonly encode: (text: string) => Chunk;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Told of each edition that is everybody's from now on. */
  readonly published: (edition: Kept) => void;
}

/** For whoever was connected when a channel ended: they are back by then. */
const SETTLING_MS = 15_000;
const REVOKED_RETRY_MS = 30_000;
const KEPT_MS = 30_000;
/** Flags that are named. */
const MAX_FLAGS = 100;

export function createStreamChannel(deps: StreamChannelDeps): StreamChannel {
  const { environment, editions, board, admission, findKey, encode, now, sleep, published } = deps;
  const clients = createStreamClients(encode, now);
  const begunAt = now();
  let canary: StreamClient | undefined;
  /** The version that it was chosen for, and when. */
  let canaryOf = 0;
  let canarySince = 0;
  let waiting: (() => void)[] = [];
  /** What was not given out when it was offered last. */
  let kept: { readonly version: number; readonly needs: OfferNeeds; readonly at: number } | undefined;

  function candidateOf(client: StreamClient): Candidate {
    const { instance, kind, region, isCanary } = client.hello;
    const { ack, heardAt = 0 } = board.of(instance) ?? {};
    return {
      ...{ instance, region, asksToBeCanary: isCanary, connectedAt: client.connectedAt },
      kind: client.key.kind === 'relay' ? kind : 'sdk',
      isHealthy: ack !== undefined && !ack.stale && now() - heardAt <= UNHEARD_MS,
      hasRefused: ack?.error !== undefined,
    };
  }

  /** One that went away is replaced, and the next one has as long as the first had; one that refused is not given the next version. */
  function chooseCanary({ edition: { version } }: StagedEdition): void {
    if (canary !== undefined && clients.of(canary.hello.instance) !== canary) canary = undefined;
    if (canary !== undefined && canaryOf === version) return;
    const { isHealthy = false, hasRefused = true } = canary === undefined ? {} : candidateOf(canary);
    if (!isHealthy || hasRefused) {
      canary = pickCanary([...clients.all()].map((client) => ({ ...candidateOf(client), client })))?.client;
    }
    [canaryOf, canarySince] = [version, now()];
  }

  function targetOf(client: StreamClient | undefined): Told | undefined {
    const staged = editions.staged();
    const mayHave = client !== undefined && staged !== undefined && isGiven(client, staged);
    return mayHave ? staged : editions.everybodys();
  }

  /** To whom it was given once it belongs, whoever the canary is by now. */
  const isGiven = (client: StreamClient, { audience, edition }: StagedEdition): boolean =>
    isOfAudience(client.hello, audience, canary?.hello) ||
    (client.has !== undefined && isSamePosition(client.has, edition));

  function bring(client: StreamClient): void {
    const target = targetOf(client);
    if (target !== undefined) clients.bring(client, target);
    const keys = editions.keys();
    if (keys !== undefined) clients.bringKeys(client, keys);
  }

  function bringAll(): void {
    const staged = editions.staged();
    if (staged !== undefined) chooseCanary(staged);
    for (const client of [...clients.all()]) bring(client);
    answered();
  }

  /** Whoever waits for an audience looks again. */
  function answered(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  const floor = (): number => board.floor(editions.everybodys()?.edition.version ?? 0);

  /** Made once for all who ought to have the same. */
  function bookmarks(): (client: StreamClient) => Chunk | undefined {
    const made = new Map<Told, Chunk>();
    const [at, time] = [floor(), now()];
    return (client) => {
      const target = targetOf(client);
      if (target === undefined) return undefined;
      const { version, digest } = target.edition;
      const chunk = made.get(target) ?? encode(bookmarkText({ version, digest, floor: at, time }));
      made.set(target, chunk);
      return chunk;
    };
  }

  function bookmark(client: StreamClient, chunkFor = bookmarks()): void {
    const chunk = chunkFor(client);
    if (chunk !== undefined) clients.write(client, chunk);
  }

  function leave(client: StreamClient): void {
    clients.remove(client);
    if (client !== canary) return;
    if (editions.staged() === undefined) canary = undefined;
    else bringAll();
  }

  /** Whether a key may have a stream: of a kind that may, for all namespaces. */
  function isStillValid(find: FindKey<StreamKeyKind>, { sha256 }: ClientKey): boolean {
    const record = find(sha256);
    return record !== undefined && record.scope === undefined && mayAsk(record.kind, 'flags');
  }

  function closeRevoked(): void {
    const find = findKey();
    if (find === undefined) return;
    for (const client of [...clients.all()]) {
      if (!isStillValid(find, client.key)) clients.close(client, 'revoked', REVOKED_RETRY_MS);
    }
  }

  function wordNow(version: number): OfferWord {
    const staged = editions.staged();
    const isStaged = staged?.edition.version === version;
    const audience = isStaged ? staged.audience : 'all';
    const asked = [...clients.all()].filter(({ hello }) => isOfAudience(hello, audience, canary?.hello));
    return offerWord(
      {
        ...{ version, audience, since: canarySince, isSettling: isSettling() },
        canary: isStaged ? canary?.hello : undefined,
        asked: asked.map(({ hello }): Asked => {
          return { instance: hello.instance, region: hello.region, word: board.of(hello.instance)?.ack };
        }),
      },
      now(),
    );
  }

  /** A channel that has just begun may not have heard of all who are there yet. */
  function behindNow(needs: OfferNeeds): Behind | undefined {
    const isYoung = now() - begunAt < SETTLING_MS;
    return behindOf(board.all(), needs, now()) ?? (isYoung ? { places: [], targets: [] } : undefined);
  }

  /** As it is by now. A publisher that has it still in mind offers it again within ten seconds. */
  function waitingNow(): Waiting | null {
    if (kept === undefined || now() - kept.at > KEPT_MS) return null;
    const { version, needs } = kept;
    const behind = behindOf(board.all(), needs, now()) ?? { places: [], targets: [] };
    return { version, needs: needs.version, flags: needs.flags.slice(0, MAX_FLAGS), behind };
  }

  /** Relays that were heard before this channel began may be on their way back. */
  function isSettling(): boolean {
    if (now() - begunAt >= SETTLING_MS) return false;
    return [...board.all()].some(({ ack, heardAt }) => ack.kind === 'relay' && now() - heardAt < EXPECTED_MS);
  }

  const isHere = (version: number): boolean =>
    [editions.staged(), editions.everybodys()].some((told) => told?.edition.version === version);

  async function settled(version: number, until: number): Promise<OfferWord> {
    for (;;) {
      const word = wordNow(version);
      const left = until - now();
      // Something newer has taken its place: nobody is asked about it any more.
      if (!isHere(version)) return { ...word, verdict: 'pending' };
      if (word.verdict !== 'pending' || left <= 0) return word;
      const deadline = word.audience === 'canary' && word.asked > 0 ? canarySince + CANARY_DEADLINE_MS - now() : left;
      const changed = new Promise<void>((resolve) => waiting.push(resolve));
      await Promise.race([changed, sleep(Math.max(1, Math.min(left, deadline)))]);
    }
  }

  /**
   * With any other key than a relay's nobody speaks but for an SDK, and what is known as a relay or a POP is no SDK, whoever passes that on:
   * who has found a service's key must not make a region that is dark look as if it were in step, or gone.
   */
  function maySpeakFor(instance: string, kind: StreamKeyKind, as: InstanceKind): boolean {
    const known = board.of(instance)?.ack.kind;
    if (known !== undefined && known !== as) return false;
    return kind === 'relay' || (as === 'sdk' && clients.of(instance)?.key.kind !== 'relay');
  }

  return {
    open(hello, key, open) {
      const before = clients.of(hello.instance);
      if (before?.key.kind === 'relay' && key.kind !== 'relay') return refused({ code: 'instance-taken' });
      if (editions.everybodys() === undefined) return refused({ code: 'nothing-yet' });
      const admitted = admission.admit(clients.size - (before === undefined ? 0 : 1));
      if (!admitted.ok) return refused({ code: 'too-many', retryAfterSeconds: admitted.error });
      const sink = open(() => leave(client));
      const client: StreamClient = {
        ...{ hello, key, sink, connectedAt: now() },
        ...{ has: hello.has, hasKeys: undefined, stalledSince: undefined },
      };
      clients.add(client);
      const staged = editions.staged();
      if (staged !== undefined) chooseCanary(staged);
      bring(client);
      bookmark(client);
      answered();
      return ok(undefined);
    },
    editionOf: (instance) => targetOf(instance === undefined ? undefined : clients.of(instance)),
    async offer(offer) {
      const until = now() + offer.waitMs;
      board.forgetOld(now());
      const behind = offer.needs && behindNow(offer.needs);
      if (offer.needs !== undefined && behind !== undefined) {
        kept = { version: offer.version, needs: offer.needs, at: now() };
        return ok(behindWord(offer.version, offer.audience, behind));
      }
      const taken = await editions.take(offer);
      if (!taken.ok) return taken;
      if (kept !== undefined && offer.version >= kept.version) kept = undefined;
      bringAll();
      const everybodys = editions.everybodys()?.edition;
      if (offer.audience === 'all' && everybodys?.version === offer.version) published(everybodys);
      return ok(await settled(offer.version, until));
    },
    async takeKeys(text) {
      const taken = await editions.takeKeys(text);
      if (taken.ok) bringAll();
      return taken;
    },
    hear(acks, kind) {
      for (const ack of acks) {
        if (maySpeakFor(ack.instance, kind, ack.kind)) board.hear(ack, now());
      }
      // Who was heard for the first time may be the canary that is looked for.
      if (canary === undefined && editions.staged() !== undefined) bringAll();
      else answered();
    },
    goodbye(instance, kind, as) {
      if (!maySpeakFor(instance, kind, as)) return;
      board.forget(instance);
      answered();
    },
    convergence(query) {
      const everybodys = editions.everybodys()?.edition;
      const staged = editions.staged();
      const { version = 0, digest = '' } = everybodys ?? {};
      const stage = staged === undefined ? null : { version: staged.edition.version, audience: staged.audience };
      const isConnected = (instance: string): boolean => clients.of(instance) !== undefined;
      const state = { environment, version, digest, floor: floor(), stage, waiting: waitingNow() };
      return convergence({ ...state, heard: board.all(), isConnected }, query, now());
    },
    tick() {
      closeRevoked();
      clients.cutStalled();
      if (canary !== undefined && clients.of(canary.hello.instance) !== canary) bringAll();
      const chunkFor = bookmarks();
      for (const client of [...clients.all()]) bookmark(client, chunkFor);
      board.forgetOld(now());
    },
    clients: () => clients.size,
    floor,
  };
}
