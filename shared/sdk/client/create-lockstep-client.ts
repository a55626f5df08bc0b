/**
 * Flags inside a process: decided in its memory, by a ruleset that the upstream keeps in force. Starts with what was kept, serves whatever
 * it has for as long as it must, and says how old that is. Runs wherever `fetch` does; nothing is shared between two clients.
 */
import { createContext } from '#core/context';
import { createRulesetCache } from '#ruleset/cache';
import { createFaultCheck } from '#ruleset/fault-check';
import { createOfflineRuleset } from '#ruleset/offline';
import type { VerifiedRuleset } from '#ruleset/verify';
import type { Identity, Nack } from '#sdk/stream/ack';
import { createClientCrypto } from '#sdk/stream/client-crypto';
import { type Clock, systemClock } from '#sdk/stream/clock';
import { createUpstream, type Upstream, type UpstreamEvent } from '#sdk/stream/create-upstream';
import { createDecisionCounter } from '#sdk/stream/decision-counts';
import { untilHeard } from '#sdk/stream/until-heard';
import { createContextFlags, type InForce } from './context-flags.ts';
import type { FlagShapes } from './flag-types.ts';
import { createListeners } from './listeners.ts';
import type { ClientEvent, LockstepClient, LockstepOptions } from './lockstep-client.ts';
import { servedEvent, userKey } from './served.ts';
import type { TelemetryEvent } from './telemetry.ts';
import { watchState } from './watch-state.ts';

const STALE_AFTER_MS = 60_000;
const READY_MS = 5_000;
const FLUSH_MS = 2_000;
export const SDK = 'lockstep-js/0.1.0';

/** Begins at once, and serves at once: offline defaults, until there is something better. */
export function createLockstepClient<Flags = FlagShapes>(options: LockstepOptions): LockstepClient<Flags> {
  const { environment, kept, telemetry, place = {}, clock = systemClock, staleAfterMs = STALE_AFTER_MS } = options;
  const crypto = options.crypto ?? createClientCrypto(options.publicKeys);
  const check = createFaultCheck();
  const inner = createRulesetCache({
    ...{ environment, crypto, staleAfterMs, now: clock.now },
    ...(kept && { generations: kept.generations }),
    faultIn(reader) {
      const barred = kept?.barred(reader.version);
      return barred === undefined ? check.faultIn(reader) : { key: '*', message: barred };
    },
  });
  const cache = untilHeard(inner);
  const offline = createOfflineRuleset(new Map(Object.entries(options.offlineDefaults ?? {})));
  const counter = createDecisionCounter(clock.now);
  const listeners = createListeners<ClientEvent>();
  const watch = watchState(cache, clock, (state) => {
    refresh();
    listeners.tell({ type: 'state', state, why: upstream?.status().why });
  });
  let inForce: InForce = { ruleset: offline, stale: false, offline: true };
  let upstream: Upstream | undefined;
  let current: VerifiedRuleset | undefined;
  let cancelConnect = (): void => {};
  let isClosed = false;

  function refresh(): void {
    if (current !== undefined) {
      inForce = { ruleset: current.reader, stale: watch.state() === 'stale', offline: false };
    }
  }

  function changed(ruleset: VerifiedRuleset): void {
    const before = current;
    current = ruleset;
    kept?.inForce(ruleset);
    refresh();
    watch.look();
    if (before?.claims.version !== ruleset.claims.version) listeners.tell({ type: 'changed', before, ruleset });
  }

  function hear(event: UpstreamEvent): void {
    switch (event.type) {
      case 'applied':
        changed(event.ruleset);
        return;
      case 'refused':
        listeners.tell({ type: 'refused', refusal: event.refusal, version: event.version });
        return;
      case 'disconnected':
      case 'poll-failed':
        watch.failed();
        return;
      case 'bookmark':
        watch.look();
        return;
      case 'connected':
      case 'keys-applied':
      case 'keys-refused':
        return;
      default:
        event satisfies never;
    }
  }

  /** What was kept, then what was brought along: the newer of the two. */
  async function begin(): Promise<void> {
    const start = await kept?.start();
    if (start?.ruleset !== undefined) {
      check.trust(start.ruleset.reader);
      inner.take({ ok: true, value: start.ruleset });
    }
    if (options.bootstrap !== undefined) await inner.offer(options.bootstrap);
    const found = inner.current();
    if (found !== undefined) changed(found);
    // Decisions come first: a platform takes its time to make its first request.
    if (!isClosed) cancelConnect = clock.after(0, () => connect(start?.nack));
  }
  const begun = begin();

  function connect(nack: Nack | undefined): void {
    upstream = createUpstream({
      ...{ url: options.url, key: options.key, environment, crypto, cache, clock, onEvent: hear },
      ...{ identity: identityOf(options), decisions: counter.counts },
      ...(nack && { nack }),
      ...(options.fetch && { fetch: options.fetch }),
      ...(options.random && { random: options.random }),
    });
  }

  /** A port that throws must not keep anybody from a decision: it keeps its own count of what it lost. */
  function quietly(tell: () => void): void {
    try {
      tell();
    } catch {
      // See above.
    }
  }

  function record(event: TelemetryEvent | undefined): void {
    if (event !== undefined) quietly(() => telemetry?.record(event));
  }

  function found(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        stop();
        resolve();
      };
      const stop = listeners.add(() => {
        if (current !== undefined) done();
      });
      const cancel = clock.after(withinMs, done);
    });
  }

  return {
    flagsFor: (context) =>
      createContextFlags<Flags>(
        {
          inForce: () => inForce,
          decided(version, decisions) {
            counter.made(version, decisions);
            quietly(() => telemetry?.evaluated?.(decisions));
          },
          served(key, decision, who) {
            if (telemetry !== undefined) record(servedEvent(key, decision, who, clock.now()));
          },
        },
        context,
        place,
      ),
    track(name, context, { value, ...details } = {}) {
      const unitKey = userKey(createContext(context, place));
      if (unitKey === undefined) return;
      const more = Object.keys(details).length > 0 && { details };
      record({ type: 'tracked', name, unitKey, time: clock.now(), ...(value !== undefined && { value }), ...more });
    },
    async ready(withinMs = READY_MS) {
      await begun;
      if (current === undefined && !isClosed) await found(withinMs);
      if (current === undefined) watch.failed();
      return watch.state();
    },
    status() {
      const { version = 0, ageMs, lastRefusal } = cache.status();
      const { connected = false, why, floor } = upstream?.status() ?? {};
      return { state: watch.state(), version, ageMs, connected, why, floor, lastRefusal };
    },
    listen: listeners.add,
    async close() {
      if (isClosed) return;
      isClosed = true;
      await begun;
      cancelConnect();
      const flushed = telemetry && within(clock, FLUSH_MS, telemetry.flush());
      await Promise.all([flushed, upstream?.close(), kept?.close()]);
      watch.stop();
      listeners.clear();
    },
  };
}

function identityOf({ instance = crypto.randomUUID(), place = {} }: LockstepOptions): Identity {
  return { instance, kind: 'sdk', region: place.region ?? 'unknown', cloud: place.cloud ?? 'unknown', sdk: SDK };
}

/** Whatever comes of it, and no longer than that. */
function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}
