/** The client as programs see it. */
import type { Place } from '#core/context';
import type { Generations } from '#ruleset/generations';
import type { OfflineDefault } from '#ruleset/offline';
import type { RulesetCrypto, RulesetRefusal, VerifiedRuleset } from '#ruleset/verify';
import type { PublicJwk } from '#ruleset/web-crypto';
import type { Nack } from '#sdk/stream/ack';
import type { Clock } from '#sdk/stream/clock';
import type { Fetch } from '#sdk/stream/upstream-requests';
import type { ContextFlags } from './context-flags.ts';
import type { FlagShapes } from './flag-types.ts';
import type { Telemetry } from './telemetry.ts';

export interface LockstepOptions {
  /** A relay, or the stream itself. */
  readonly url: string;
  /** An SDK key, of kind `server`. */
  readonly key: string;
  readonly environment: string;
  /** Those that rulesets may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  /** Where this process runs: what rules read as `region`, `cloud` and `pop`. */
  readonly place?: Place;
  /** Names this process on the board; random by default. */
  readonly instance?: string;
  /** What flags serve before there is any ruleset, as `lockstep types` writes it. */
  readonly offlineDefaults?: Readonly<Record<string, OfflineDefault>>;
  /** The text of a ruleset to begin with, where nothing newer was kept. */
  readonly bootstrap?: string;
  /** What is kept between processes (`#sdk/node/create-lockstep-client`). */
  readonly kept?: Kept;
  /** Without word from the upstream for longer than this, reasons are STALE. 60 s by default. */
  readonly staleAfterMs?: number;
  readonly telemetry?: Telemetry;
  readonly crypto?: RulesetCrypto;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Last-known-good, where there is a disk. */
export interface Kept {
  start(): Promise<{ readonly ruleset: VerifiedRuleset | undefined; readonly nack: Nack | undefined }>;
  inForce(ruleset: VerifiedRuleset): void;
  barred(version: number): string | undefined;
  close(): Promise<void>;
  readonly generations: Generations;
}

/**
 * `offline`: nothing was ever received, offline defaults are served. `stale`: what is served was not confirmed for too long, or not since the
 * process began.
 */
export type ClientState = 'starting' | 'offline' | 'stale' | 'live';

export type ClientEvent =
  | { readonly type: 'state'; readonly state: ClientState; readonly why: string | undefined }
  /** Another version is in force. */
  | { readonly type: 'changed'; readonly before: VerifiedRuleset | undefined; readonly ruleset: VerifiedRuleset }
  | { readonly type: 'refused'; readonly refusal: RulesetRefusal; readonly version: number };

export interface ClientStatus {
  readonly state: ClientState;
  /** 0 before anything is in force. */
  readonly version: number;
  /** Since the upstream last gave or confirmed what is served; undefined before it ever did. */
  readonly ageMs: number | undefined;
  /** Whether the stream is open, and why it is not. */
  readonly connected: boolean;
  readonly why: string | undefined;
  readonly floor: number | undefined;
  readonly lastRefusal: (RulesetRefusal & { readonly at: number }) | undefined;
}

export interface LockstepClient<Flags = FlagShapes> {
  /** The flags for one context: `targetingKey` and attributes, as OpenFeature has them. */
  flagsFor(context?: unknown): ContextFlags<Flags>;
  /** Says that something happened to somebody: an error, a conversion, a latency. */
  track(
    name: string,
    context?: unknown,
    details?: { readonly value?: number } & Readonly<Record<string, unknown>>,
  ): void;
  /** Waits until there is a ruleset to decide by, no longer than that; the state then. Never rejects. */
  ready(withinMs?: number): Promise<ClientState>;
  status(): ClientStatus;
  /** Has a listener told of what happens from now on; what is returned ends that. */
  listen(listener: (event: ClientEvent) => void): () => void;
  /** Delivers what was recorded, says goodbye, and ends everything; decisions are made all the same. Never rejects. */
  close(): Promise<void>;
}
