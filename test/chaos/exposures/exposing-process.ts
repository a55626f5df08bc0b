/**
 * A service or POP as a process: it decides for its visitors by the SDK, has what it served and what came of it emitted over a spill, and
 * writes down what it told them. It is killed at any moment; `SIGUSR2` fills its disk for a while, `SIGTERM` ends it once all has arrived.
 */
import { appendFileSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PublicJwk } from '#ruleset/web-crypto';
import { createLockstepClient } from '#sdk/client/create-lockstep-client';
import { createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { createExposureTelemetry } from '#sdk/exposures/exposure-telemetry';
import { openSpill } from '#sdk/node/open-spill';
import { createSpillDisk, type SpillDisk } from '#sdk/node/spill-disk';
import { type Clock, systemClock } from '#sdk/stream/clock';
import { CHECK_OUT_MS, EMITTERS, SKEWS, type VisitPlan, visitOf } from './visit-plan.ts';

export interface ExposingOptions {
  readonly plan: VisitPlan;
  readonly emitter: number;
  /** The visit to begin with, of all. */
  readonly first: number;
  readonly folder: string;
  /** Where what was told is written down. */
  readonly told: string;
  /** Holds the number of the visit that it is not to go beyond yet. */
  readonly limit: string;
  readonly url: string;
  readonly unitKey: string;
  readonly environment: string;
  readonly publicKey: PublicJwk;
  /** Their texts. */
  readonly rulesets: readonly [string, string];
}

const {
  plan,
  emitter: number,
  first,
  ...options
} = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ExposingOptions;
const { name, place } = EMITTERS[number] as (typeof EMITTERS)[number];
const skew = SKEWS[number % SKEWS.length] as number;

const VISITS_AT_ONCE = 25;
/** What a kill may cost: exposures that are not in the spill yet. */
const MAX_UNSPILLED = 2_000;
const MAX_SPILLED = 20_000;
/** Of a full disk's memory: above 80 % of its 10,000 the emitter leaves outcomes out. */
const MAX_IN_MEMORY = 3_000;
const FULL_MS = 4_000;
/** One in a thousand exposures is none. */
const BAD_EVERY = 500;

let isFull = false;

/** A disk with no room left, for as long as that lasts. */
function fillable(disk: SpillDisk): SpillDisk {
  const failing = async (): Promise<never> => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  return {
    ...disk,
    append: (...file) => (isFull ? failing() : disk.append(...file)),
    replace: (...file) => (isFull ? failing() : disk.replace(...file)),
  };
}

const clock: Clock = { now: () => Date.now() + skew, after: systemClock.after };
let isDiskFailing = false;
const spool = openSpill({
  disk: fillable(createSpillDisk(options.folder)),
  clock,
  newName: () => name,
  onEvent: (event) => {
    if (event.type === 'disk') isDiskFailing = event.failing;
  },
});
const emitter = createClientEmitter({
  ...{ url: options.url, key: 'of-the-link', unitKey: Buffer.from(options.unitKey, 'base64url'), region: place.region },
  ...{ spool, clock },
});
/** The service's own clock says when a visit was: all of them wait in a queue before they come to the emitter. */
let visitTime = 0;
const telemetry = createExposureTelemetry(emitter, 'server', place);
const clients = options.rulesets.map((bootstrap) =>
  createLockstepClient({
    ...{ url: options.url, key: 'of-the-link', environment: options.environment, publicKeys: [options.publicKey] },
    ...{ bootstrap, place, telemetry, clock: { now: () => visitTime || clock.now(), after: systemClock.after } },
    // What is in force does not change, and nobody is asked.
    fetch: () => Promise.reject(new Error('the stream is far away')),
  }),
);

function visit(at: number): string {
  const { user, time, ruleset, metric, isRepeated, hasAnother } = visitOf(plan, at);
  const client = clients[ruleset] as (typeof clients)[number];
  const context = { targetingKey: user };
  visitTime = time + skew;
  const flags = client.flagsFor(context);
  const fare = flags.stringDetails('pricing.fareBundlingV2', '');
  const markup = flags.numberDetails('pricing.dynamicMarkup', 0);
  const isHome = visitOf(plan, at).emitters[0] === number;
  if (metric !== undefined && isHome) {
    visitTime += CHECK_OUT_MS;
    for (let times = 0; times <= Number(isRepeated); times++) client.track(metric, context, { id: `order-${at}` });
    visitTime += 1;
    if (hasAnother) client.track(metric, context, { id: `order-${at}-2` });
  }
  if (at % BAD_EVERY === 0 && isHome) emitter.served(badExposure(at));
  const revisions = [fare, markup].map(({ variation, metadata }) => `${metadata['revision']} ${variation}`);
  return `${at} ${revisions.join(' ')} ${(isHome && metric) || '-'}\n`;
}

const badExposure = (at: number) => ({
  ...{ flag: 'no flag at all!', revision: 1, variation: 'x', reason: 'SPLIT', version: 1 },
  ...{ unitKey: `bad-${at}`, time: clock.now() },
});

let limit = 0;

async function pause(at: number): Promise<void> {
  for (;;) {
    const { exposed, sent, dropped, spilled, collapsed } = emitter.ledger();
    const unspilled = exposed - sent - dropped - spilled - collapsed;
    if (at >= limit) limit = Number(readFileSync(options.limit, 'utf8'));
    const mayKeep = unspilled < MAX_UNSPILLED && spilled < (isDiskFailing ? MAX_IN_MEMORY : MAX_SPILLED);
    if (mayKeep && at < limit) return;
    await sleep(10);
  }
}

process.on('SIGUSR2', () => {
  isFull = true;
  setTimeout(() => {
    isFull = false;
  }, FULL_MS);
});
process.on('SIGTERM', async () => {
  const arrived = await emitter.close(300_000);
  writeSync(1, `${JSON.stringify({ arrived, ledger: emitter.ledger() })}\n`);
  process.exit(0);
});

await Promise.all([spool, ...clients.map((client) => client.ready())]);
let lines = '';
let many = 0;
for (let at = first; at < plan.visits; at++) {
  if (!visitOf(plan, at).emitters.includes(number)) continue;
  lines += visit(at);
  if (++many % VISITS_AT_ONCE > 0) continue;
  // In the same turn as the decisions: nothing that is not written down here can have been emitted.
  appendFileSync(options.told, lines);
  lines = '';
  writeSync(1, `${at}\n`);
  await sleep(0);
  await pause(at);
}
appendFileSync(options.told, lines);
writeSync(1, 'done\n');
setInterval(() => {}, 60_000);
