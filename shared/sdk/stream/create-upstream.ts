/**
 * The one connection of a process to its upstream (the stream's Worker, or a relay): what comes into force there comes into force here, and
 * the upstream hears of it. Runs wherever `fetch` does.
 */
import type { RulesetCache } from '#ruleset/cache';
import { keysEnvironment } from '#ruleset/keys-environment';
import type { RulesetCrypto, RulesetRefusal, VerifiedRuleset } from '#ruleset/verify';
import type { Ack, DecisionCounts } from '#schema/ack';
import type { Identity, Nack } from './ack.ts';
import { type AckReporter, createAckReporter } from './ack-reporter.ts';
import { type Clock, systemClock } from './clock.ts';
import { createIntake, type Intake } from './intake.ts';
import { runPoll } from './poll-loop.ts';
import type { Ending } from './reconnect.ts';
import { runStream } from './stream-loop.ts';
import type { StreamMessage } from './stream-message.ts';
import { createRequests, type Fetch } from './upstream-requests.ts';

export interface UpstreamOptions {
  readonly url: string;
  readonly key: string;
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  readonly identity: Identity;
  /** What comes from the upstream is offered to it; whoever made it may have filled it before. */
  readonly cache: RulesetCache;
  /** The same for the keys document, which relays get. */
  readonly keysCache?: RulesetCache;
  /** Told of everything that happens, at once. What it throws is nobody's. */
  readonly onEvent?: (event: UpstreamEvent) => void;
  /** How many decisions this instance made in the last 10 s, by version. */
  readonly decisions?: () => DecisionCounts;
  /** A version that an earlier process of this instance could not live with. */
  readonly nack?: Nack;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

export type UpstreamEvent =
  /** In force from now on: a newer version, or the same under a signature that lasts longer. */
  | { readonly type: 'applied'; readonly ruleset: VerifiedRuleset }
  | { readonly type: 'refused'; readonly refusal: RulesetRefusal; readonly version: number }
  /** The same of the keys document. */
  | { readonly type: 'keys-applied'; readonly ruleset: VerifiedRuleset }
  | { readonly type: 'keys-refused'; readonly refusal: RulesetRefusal; readonly version: number }
  | { readonly type: 'connected' }
  /** The stream ended, or could not be opened; the next one is due then. */
  | { readonly type: 'disconnected'; readonly why: string; readonly refused: boolean; readonly retryInMs: number }
  /** What is in force was confirmed, or the floor moved. */
  | { readonly type: 'bookmark'; readonly version: number; readonly floor: number }
  | { readonly type: 'poll-failed'; readonly why: string };

export interface UpstreamStatus {
  readonly connected: boolean;
  /** The lowest version in force anywhere, as the upstream last said; undefined before it did. */
  readonly floor: number | undefined;
  /** Streams that were asked for. */
  readonly attempts: number;
  /** Why there is no stream, where there is none. */
  readonly why: string | undefined;
  readonly nack: Nack | undefined;
}

export interface Upstream {
  status(): UpstreamStatus;
  /** Passes on what other instances say, within a second, the latest of each. */
  forward(acks: readonly Ack[]): void;
  /** What this instance last said of itself, or would say now. */
  ack(): Ack;
  /** Ends everything and says goodbye; waits for that no longer than a second. */
  close(): Promise<void>;
}

const MAX_MESSAGE = 300;
/**
 * Within this time the SDKs of a relay say what they have (milliseconds): their word must not keep those waiting who are still to be told,
 * of this version or, where they come by the second, of the next. Who has just begun is known sooner.
 */
const ACK_SPREAD_MS = { first: 1_000, later: 3_000 };

/** Begins at once. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { cache, keysCache, environment, crypto, identity, clock = systemClock, random = Math.random } = options;
  const end = new AbortController();
  const closing = end.signal;
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const requests = createRequests({ url: options.url, key: options.key, identity, fetch, clock, closing });
  const startedAt = clock.now();
  let nack = options.nack;
  let connected = false;
  let floor: number | undefined;
  let attempts = 0;
  let why: string | undefined;
  let hasApplied = false;

  function tell(event: UpstreamEvent): void {
    try {
      options.onEvent?.(event);
    } catch {
      // A listener must not end the stream.
    }
  }

  function ack(): Ack {
    const { version = 0, digest = '', ageMs = Math.max(0, clock.now() - startedAt), stale } = cache.status();
    const { instance, kind, region, cloud } = identity;
    const decisions = options.decisions?.();
    return {
      ...{ instance, kind, region, cloud, version, digest, ageMs, stale },
      ...(nack && { error: nack }),
      ...(decisions && { decisions }),
    };
  }

  /** For a relay, and for whoever is the canary, others wait. */
  function pause(): number {
    const most = hasApplied ? ACK_SPREAD_MS.later : ACK_SPREAD_MS.first;
    return identity.kind === 'relay' || identity.canary ? 0 : random() * most;
  }

  const reporter: AckReporter = createAckReporter({ requests, own: ack, pause, clock, closing });

  const rulesets = createIntake({
    ...{ cache, environment, crypto, requests, now: clock.now },
    path: '/v1/ruleset',
    applied(ruleset) {
      if (nack !== undefined && nack.version <= ruleset.claims.version) nack = undefined;
      tell({ type: 'applied', ruleset });
      reporter.changed();
      hasApplied = true;
    },
    refused(refusal, version) {
      const message = refusal.message.slice(0, MAX_MESSAGE);
      // That processes crashed with it says more than that it is refused for that.
      if (nack?.code !== 'crashed' || nack.version !== version) nack = { code: refusal.code, version, message };
      tell({ type: 'refused', refusal, version });
      reporter.refused();
    },
  });

  const keys: Intake | undefined =
    keysCache &&
    createIntake({
      ...{ cache: keysCache, environment: keysEnvironment(environment), crypto, requests, now: clock.now },
      path: '/v1/keys',
      applied: (ruleset) => tell({ type: 'keys-applied', ruleset }),
      refused: (refusal, version) => tell({ type: 'keys-refused', refusal, version }),
    });

  async function take(message: StreamMessage): Promise<void> {
    switch (message.type) {
      case 'ruleset':
        return rulesets.message(message);
      case 'keys':
        return keys?.message(message);
      case 'bookmark':
        floor = message.floor;
        await rulesets.bookmark(message);
        return tell({ type: 'bookmark', version: message.version, floor });
      case 'closing':
        // Ends the stream: its loop sees to that.
        return;
      default:
        return message satisfies never;
    }
  }

  function lastEventId(): string | undefined {
    const claims = cache.current()?.claims;
    return claims && `${claims.version}.${claims.sha256}`;
  }

  function disconnected(ending: Ending, retryInMs: number): void {
    connected = false;
    why = ending.why;
    tell({ type: 'disconnected', why: ending.why, refused: ending.refused === true, retryInMs });
    // With nothing in force nobody waits for the poll, where proxies let no stream through. As often as a stream is tried, no more.
    if (cache.current() === undefined && !ending.refused) void poll(rulesets);
  }

  async function poll(intake: Intake): Promise<Ending | undefined> {
    const ending = await intake.poll();
    if (ending !== undefined && !closing.aborted) tell({ type: 'poll-failed', why: ending.why });
    return ending;
  }

  const pollLoop = (intake: Intake): Promise<void> => runPoll({ poll: () => poll(intake), clock, random, closing });

  function open(signal: AbortSignal): ReturnType<typeof requests.stream> {
    attempts++;
    return requests.stream(lastEventId(), signal);
  }

  void runStream({
    ...{ open, take, clock, random, closing },
    connected() {
      connected = true;
      why = undefined;
      tell({ type: 'connected' });
    },
    ended: disconnected,
  });
  void pollLoop(rulesets);
  if (keys !== undefined) void startKeys(keys);

  /** Whoever lets others in by the document needs it before they come. */
  async function startKeys(intake: Intake): Promise<void> {
    if (keysCache?.current() === undefined) await poll(intake);
    await pollLoop(intake);
  }

  return {
    status: () => ({ connected, floor, attempts, why, nack }),
    forward: (acks) => reporter.forward(acks.map((one) => ({ ...one, via: one.via ?? identity.instance }))),
    ack,
    async close() {
      if (closing.aborted) return;
      end.abort(new Error('closed'));
      connected = false;
      await reporter.goodbye();
    },
  };
}
