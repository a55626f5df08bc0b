/** A relay's downstream, put together: what it holds goes out to SDKs, pages and relays below. */
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Place } from '#core/context';
import type { Emitter } from '#exposure/emitter';
import { keysStatus, statusReply } from '#http/pop-status';
import type { KeyRecord } from '#http/sdk-keys';
import { createStreamAdmission } from '#http/stream-admission';
import { type AcksBelow, createAcksBelow } from './acks-below.ts';
import { createAdmission, maySeeAll } from './admission.ts';
import type { RelaySettings } from './config/relay-settings.ts';
import type { DecisionCounter } from './decision-counts.ts';
import { createEvaluators } from './evaluators.ts';
import type { ExposureCustody } from './exposure-custody.ts';
import { createExposureForwarder } from './exposure-forwarder.ts';
import type { FlagDefaults } from './flag-defaults.ts';
import type { Held } from './held.ts';
import { createListener } from './listener.ts';
import { createMetrics, type RelayMetrics } from './metrics.ts';
import { createOfrepHandler } from './ofrep-handler.ts';
import { createPageStreams } from './page-streams.ts';
import { createRequestCounts } from './request-counts.ts';
import { createRoutes } from './routes.ts';
import { createRulesetReplies } from './ruleset-replies.ts';
import { createSdkStreams } from './sdk-streams.ts';
import { createStreamHandler } from './stream-handler.ts';
import type { UpstreamPort } from './upstream-port.ts';

export interface DiskStatus {
  /** The version that lies there whole; undefined before any does. */
  readonly saved: number | undefined;
  /** What is wrong with it, where something is. */
  readonly alarm: string | undefined;
  /** Versions that this relay's forerunners crashed with. */
  readonly quarantined: readonly number[];
}

export interface RelayOptions {
  readonly held: Held;
  readonly upstream: UpstreamPort;
  readonly settings: Pick<RelaySettings, 'access' | 'ingestUrl' | 'maxStreams' | 'canary'>;
  readonly place: Place;
  readonly instance: string;
  readonly staleIfError: boolean;
  readonly defaults: FlagDefaults;
  readonly counter: DecisionCounter;
  /** What is known of the disk; undefined where nothing is kept. */
  readonly disk: () => DiskStatus | undefined;
  /** Of what the relay evaluates itself; undefined where that exposes nobody. */
  readonly emitter?: Pick<Emitter, 'exposed' | 'evaluated'> | undefined;
  /** Undefined where exposures are not kept. */
  readonly custody?: ExposureCustody | undefined;
  /** Told of each use of a key that control has issued; undefined where nobody is to hear of it. */
  readonly used?: ((sha256: string) => void) | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: (message: string) => void;
}

export interface Relay {
  readonly listener: RequestListener;
  readonly metrics: RelayMetrics;
  readonly acks: AcksBelow;
  /** Another ruleset is in force. */
  applied(): void;
  /** Another keys document is. */
  keysApplied(): void;
  /** Every five seconds. */
  bookmark(): void;
  /** Takes no more streams, and sends all that there are away. */
  drain(): void;
}

/** New streams a second. */
const STREAMS_PER_SECOND = 1_000;
/** A page hears something every third bookmark. */
const BEATS = 3;

export function createRelay(options: RelayOptions): Relay {
  const { held, upstream, settings, place, now, random, log } = options;
  const { sdkKeys: fixed, allowedOrigins } = settings.access;
  const admission = createAdmission({ fixed, keys: held.keys, now, used: options.used });
  const isAdmitted = ({ sha256 }: KeyRecord): boolean => admission.find(sha256) !== undefined;
  const mayStream = ({ sha256, kind }: KeyRecord): boolean => {
    const record = admission.find(sha256);
    return record !== undefined && record.kind === kind && maySeeAll(record);
  };
  const sdks = createSdkStreams({ held, isAdmitted: mayStream, now, random });
  const pages = createPageStreams({ held, isAdmitted, now, random });
  const requests = createRequestCounts();
  const acks = createAcksBelow({ forward: upstream.forward, now });
  const metrics = createMetrics({ ...held, sdks, pages, acks, requests, upstream, disk: options.disk });
  let isDraining = false;
  let beats = 0;

  function status() {
    const own = { ...held.rulesets.status(), storeErrors: options.disk()?.alarm === undefined ? 0 : 1 };
    return statusReply(
      { environment: held.environment, place, store: 'stream', status: own },
      {
        instance: options.instance,
        canary: settings.canary,
        draining: isDraining,
        upstream: upstream.status(),
        keys: keysStatus({ ...held.keys.status(), storeErrors: 0 }),
        streams: {
          sdk: sdks.count('sdk'),
          relay: sdks.count('relay'),
          page: pages.count(),
          cut: sdks.cut() + pages.cut(),
        },
        below: acks.count(),
        disk: options.disk() ?? null,
        exposuresWaiting: options.custody?.waiting() ?? null,
        defaultsWithoutValue: options.defaults.withoutValue,
      },
    );
  }

  const routes = createRoutes({
    ...{ held, admission, acks, metrics, status, log },
    replies: createRulesetReplies(sdks.kept),
    goodbye: upstream.goodbye,
    forward: createExposureForwarder({ ingestUrl: settings.ingestUrl, custody: options.custody, fetch: options.fetch }),
    isDraining: () => isDraining,
  });
  const streams = createStreamHandler({
    ...{ held, admission, sdks, pages, allowedOrigins },
    gate: createStreamAdmission({ perSecond: STREAMS_PER_SECOND, most: settings.maxStreams, now, random }),
    isDraining: () => isDraining,
  });
  const evaluatorFor = createEvaluators({ ...options, rulesets: held.rulesets });
  const ofrep = createOfrepHandler({ admission, evaluatorFor, allowedOrigins });
  const others = getRequestListener(routes.fetch, { overrideGlobalObjects: false });

  return {
    listener: createListener({ ofrep, streams, others, requests, log }),
    metrics,
    acks,
    applied() {
      sdks.applied();
      pages.applied();
    },
    keysApplied() {
      sdks.keysApplied();
      pages.keysApplied();
    },
    bookmark() {
      sdks.bookmark();
      if (++beats % BEATS === 0) pages.beat();
    },
    drain() {
      isDraining = true;
      sdks.drain();
      pages.drain();
    },
  };
}
