/** A relay from its configuration to its end: the disk, the server, the way home. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emitter } from '#exposure/emitter';
import { withDeadline } from '#http/with-deadline';
import { BOOKMARK_INTERVAL_MS } from '#schema/stream-limits';
import { createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { createBeaconPost, platformGzip } from '#sdk/exposures/post-beacon';
import { createUseReports, type UseReports } from '#sdk/exposures/use-reports';
import type { Disk } from '#sdk/node/disk';
import { createNodeCrypto } from '#sdk/node/node-crypto';
import { openSpill } from '#sdk/node/open-spill';
import type { SpillDisk } from '#sdk/node/spill-disk';
import { systemClock } from '#sdk/stream/clock';
import type { UpstreamEvent } from '#sdk/stream/create-upstream';
import type { RelayConfig } from './config/relay-config.ts';
import type { RelaySettings } from './config/relay-settings.ts';
import { createDecisionCounter } from './decision-counts.ts';
import { createExposureCustody, type ExposureCustody } from './exposure-custody.ts';
import { createFlagDefaults } from './flag-defaults.ts';
import { openHome } from './home.ts';
import { createRelay, type Relay } from './relay.ts';
import { createRelayServer } from './relay-server.ts';

export interface RunOptions {
  readonly config: RelayConfig;
  readonly settings: RelaySettings;
  readonly instance: string;
  readonly disks: { readonly rulesets: Disk; readonly keys: Disk } | undefined;
  /** Where exposures lie until ingest has them; undefined where they are not kept. */
  readonly spill?: SpillDisk | undefined;
  /** The same of what the relay evaluates itself; without it they lie in memory. */
  readonly ownSpill?: SpillDisk | undefined;
  readonly log: (event: string, fields?: object) => void;
}

export interface RunningRelay {
  readonly url: string;
  /** Ends what is begun, and takes nothing more. */
  drain(): Promise<void>;
}

const SOFTWARE = 'lockstep-relay/0.1.0';
/** How often connections that have nothing to do are looked for, while the relay drains (milliseconds). */
const LOOK_MS = 100;
/** How long the last exposures have to arrive (milliseconds). */
const CLOSE_MS = 1_500;
/** Connections that wait to be accepted: all who were cut off come back together. The kernel has a bound of its own. */
const BACKLOG = 16_384;

export async function runRelay(options: RunOptions): Promise<RunningRelay> {
  const { config, settings, instance, disks, log } = options;
  const { region, cloud, streamUri, cache } = config.relay;
  const { now } = systemClock;
  const counter = createDecisionCounter(now);
  const home = await openHome({
    ...{ url: streamUri, settings, disks, counter, clock: systemClock },
    crypto: createNodeCrypto(settings.publicKeys),
    identity: { instance, kind: 'relay', region, cloud, sdk: SOFTWARE, canary: settings.canary },
  });
  const defaults = createFlagDefaults(config.flagDefaults, settings.bundledDefaults);
  if (defaults.withoutValue.length > 0) log('defaults without a value', { flags: defaults.withoutValue });
  const custody = custodyOf(options);
  const emitter = emitterOf(options);
  const uses = usesOf(options);
  const relay = createRelay({
    ...{ custody, emitter, used: uses && ((sha256) => void uses.used(sha256)) },
    ...{ held: home.held, upstream: home.port, disk: home.disk, settings, instance, defaults, counter, now },
    ...{ place: { region, cloud }, staleIfError: cache.staleIfError, fetch, random: Math.random },
    log: (message) => log('failed', { message }),
  });
  const server = createRelayServer(relay.listener);
  await listening(server, settings);
  const timer = setInterval(relay.bookmark, BOOKMARK_INTERVAL_MS);
  home.connect((event) => happened(event, relay, log));
  return {
    url: `http://${settings.host}:${(server.address() as AddressInfo).port}`,
    async drain() {
      clearInterval(timer);
      relay.drain();
      await ended(server, settings.drainMs);
      await Promise.all([home.close(), emitter?.close(CLOSE_MS), withDeadline(CLOSE_MS, async () => uses?.tell())]);
      // What the emitter's end could not send lies on its own disk.
      await custody?.close();
    },
  };
}

/** The disk is what the relay vouches with: what that does not take is forwarded at once, or not taken. */
function custodyOf({
  settings,
  instance,
  spill,
  log,
}: Omit<RunOptions, 'config' | 'disks'>): ExposureCustody | undefined {
  const { ingestUrl: url, key } = settings;
  if (spill === undefined || url === undefined) return undefined;
  const clock = systemClock;
  return createExposureCustody({
    spool: openSpill({
      ...{ disk: spill, clock, newName: () => instance, diskAlone: true },
      onEvent: (event) => log('exposures', event),
    }),
    send: createBeaconPost({ url, key, fetch, clock, gzip: platformGzip() }),
    ...{ clock, random: Math.random },
    quarantined: (item, why) => log('exposure quarantined', { item, why }),
  });
}

/** Of keys that come to this relay; those that come to one below it, that one tells of itself. */
function usesOf({ settings, instance }: RunOptions): UseReports | undefined {
  const { ingestUrl: url, key } = settings;
  if (url === undefined) return undefined;
  const clock = systemClock;
  const send = createBeaconPost({ url, key, fetch, clock, gzip: platformGzip() });
  return createUseReports({ emitter: `${instance}-uses`, send, clock });
}

/** OFREP's clients do not tell whom they served: who evaluates for them does, as a service does for itself. */
function emitterOf({ config, settings, instance, ownSpill, log }: RunOptions): Emitter | undefined {
  const { ingestUrl: url, key, unitKey } = settings;
  if (url === undefined || unitKey === undefined) return undefined;
  const onEvent = (event: object): void => log('own exposures', event);
  const spool =
    ownSpill && openSpill({ disk: ownSpill, clock: systemClock, newName: () => `${instance}-own`, onEvent });
  return createClientEmitter({ url, key, unitKey, region: config.relay.region, onEvent, ...(spool && { spool }) });
}

const listening = (server: Server, { port, host }: Pick<RelaySettings, 'port' | 'host'>): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });

function happened(event: UpstreamEvent, relay: Relay, log: RunOptions['log']): void {
  switch (event.type) {
    case 'applied':
      relay.applied();
      log('applied', { version: event.ruleset.claims.version });
      break;
    case 'keys-applied':
      relay.keysApplied();
      log('keys applied', { version: event.ruleset.claims.version });
      break;
    case 'refused':
    case 'keys-refused':
      relay.metrics.refused(event.refusal.code);
      log(event.type, { version: event.version, ...event.refusal });
      break;
    case 'connected':
      log('connected');
      break;
    case 'disconnected':
      log('disconnected', { why: event.why, retryInMs: event.retryInMs });
      break;
    case 'poll-failed':
      log('poll failed', { why: event.why });
      break;
    case 'bookmark':
      break;
    default:
      event satisfies never;
  }
}

/** Once nobody is connected any more, or the time is up. */
async function ended(server: Server, drainMs: number): Promise<void> {
  const look = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const patience = setTimeout(() => server.closeAllConnections(), drainMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(look);
  clearTimeout(patience);
}
