import { type Client, type Hook, OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLockstepProvider } from '#sdk/openfeature/lockstep-provider';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { type Running, type RunOptions, runClient } from './fixtures/lockstep-client.ts';
import { createMemoryDisk } from './fixtures/memory-disk.ts';
import { settled } from './fixtures/turned-clock.ts';
import { type Edition, editionOf } from './fixtures/upstream-client.ts';

const SEGMENT = { k: 'segment:staff', r: 1, i: ['ana'] };
const ENTRIES = [
  { k: 'a.on', r: 1, o: 0, f: 1 },
  { k: 'a.rule', r: 1, o: 0, f: 0, u: [['staff', [['segment', ['staff']]], 1]] },
  { k: 'a.off', r: 1, e: 0, f: 1 },
  SEGMENT,
];

let signer: Signer;
let one: Edition;
let two: Edition;
let three: Edition;

beforeAll(async () => {
  signer = await createSigner();
  one = await editionOf(signer, 1, ENTRIES as never);
  two = await editionOf(signer, 2, [{ k: 'a.on', r: 2, o: 0, f: 0 }, ...ENTRIES.slice(1)] as never);
  three = await editionOf(signer, 3, [...ENTRIES.slice(0, 3), { ...SEGMENT, r: 3, i: ['bob'] }] as never);
});

afterEach(() => OpenFeature.clearProviders());

interface Provided extends Running {
  readonly flags: Client;
  /** What OpenFeature told, and its status as it did so. */
  readonly told: [event: string, status: ProviderStatus, changed?: readonly string[]][];
  readonly initialised: Promise<'ok' | Error>;
}

let domains = 0;

/** A client under the real OpenFeature, which waits three seconds for a first ruleset. */
function provide(options: RunOptions = {}): Provided {
  const running = runClient(signer, options);
  const domain = `domain-${domains++}`;
  const flags = OpenFeature.getClient(domain);
  const told: Provided['told'] = [];
  for (const event of Object.values(ProviderEvents)) {
    flags.addHandler(event as ProviderEvents, (details) => {
      const changed = details && 'flagsChanged' in details ? (details.flagsChanged as string[]) : undefined;
      told.push(changed ? [event, flags.providerStatus, changed] : [event, flags.providerStatus]);
    });
  }
  // What is told of the provider before this one is not of interest.
  told.length = 0;
  const provider = createLockstepProvider(running.client, { readyWithinMs: 3_000 });
  const initialised = OpenFeature.setProviderAndWait(domain, provider).then(
    () => 'ok' as const,
    (error: Error) => error,
  );
  return { ...running, flags, told, initialised };
}

async function ready(options: RunOptions = {}): Promise<Provided> {
  const provided = provide(options);
  await provided.give(one);
  expect(await provided.initialised).toBe('ok');
  return provided;
}

const { Ready, Stale, Error: Failed, ConfigurationChanged } = ProviderEvents;
const { NOT_READY, READY, STALE, ERROR } = ProviderStatus;

describe('the status of the provider', () => {
  it('NOT_READY until there is a ruleset, then READY', async () => {
    const provided = provide();
    await settled();
    expect(provided.flags.providerStatus).toBe(NOT_READY);
    await provided.give(one);
    expect(await provided.initialised).toBe('ok');
    expect(provided.told).toEqual([[Ready, READY]]);
  });

  it('NOT_READY, ERROR where there is none in time, then READY once there is', async () => {
    const provided = provide({ dark: true });
    await provided.clock.forward(3_000);
    expect(await provided.initialised).toMatchObject({ message: 'unreachable' });
    expect(provided.flags.providerStatus).toBe(ERROR);
    provided.heal();
    await provided.clock.forward(10_000);
    await provided.give(one);
    await settled();
    expect(provided.told).toEqual([
      [Failed, ERROR],
      [Ready, READY],
    ]);
  });

  it('serves offline defaults while it is ERROR', async () => {
    const offlineDefaults = { 'a.on': { variation: 'on', value: true, visibility: 'server' } } as const;
    const provided = provide({ dark: true, offlineDefaults });
    await provided.clock.forward(3_000);
    await provided.initialised;
    expect(await provided.flags.getBooleanDetails('a.on', false)).toMatchObject({ value: true, reason: 'DEFAULT' });
    expect(await provided.flags.getBooleanDetails('a.rule', true)).toMatchObject({ value: true, reason: 'DEFAULT' });
  });

  it('READY, then STALE at once where what is served was kept on disk; READY once it is confirmed', async () => {
    const disk = createMemoryDisk();
    const first = runClient(signer, { disk });
    await first.give(one);
    await first.client.close();
    const provided = provide({ disk, dark: true });
    expect(await provided.initialised).toBe('ok');
    await new Promise((resolve) => setTimeout(resolve, 5));
    provided.heal();
    await provided.clock.forward(1_000);
    provided.home.streams.at(-1)?.send('bookmark', one.bookmark);
    await provided.clock.forward(0);
    expect(provided.told).toEqual([
      [Ready, READY],
      [Stale, STALE],
      [Ready, READY],
    ]);
  });

  it('STALE after a minute without word, serving all the time; READY again', async () => {
    const provided = await ready();
    await provided.cutOff();
    await provided.clock.forward(700_000);
    expect(provided.flags.providerStatus).toBe(STALE);
    expect(await provided.flags.getBooleanDetails('a.on', false)).toMatchObject({ value: true, reason: 'STALE' });
    provided.heal();
    await provided.clock.forward(30_000);
    expect(provided.told.slice(1)).toEqual([
      [Stale, STALE],
      [Ready, READY],
    ]);
  });

  it('stays what it is when something changed, of which it tells the flags: all of them where a segment did', async () => {
    const provided = await ready();
    await provided.give(two);
    await provided.give(three);
    expect(provided.told.slice(1)).toEqual([
      [ConfigurationChanged, READY, ['a.on']],
      [ConfigurationChanged, READY, ['a.off', 'a.on', 'a.rule']],
    ]);
  });

  it('stays READY where a ruleset is refused', async () => {
    const provided = await ready();
    await provided.give(await editionOf(signer, 2, [{ k: 'a.on', r: 2, f: 9 }]));
    expect(provided.told.slice(1)).toEqual([]);
    expect(provided.flags.providerStatus).toBe(READY);
  });

  it('ends with the client’s end', async () => {
    const provided = await ready();
    await OpenFeature.clearProviders();
    await provided.clock.forward(0);
    expect(provided.home.asked.at(-1)).toMatchObject({ method: 'DELETE' });
    expect(provided.clock.running()).toBe(0);
  });
});

describe('decisions by OpenFeature', () => {
  it('come with the variation, the reason, and metadata that hooks see', async () => {
    const provided = await ready();
    const seen: unknown[] = [];
    const hook: Hook = { after: (_, details) => void seen.push(details) };
    await provided.flags.getBooleanDetails('a.rule', false, { targetingKey: 'ana' }, { hooks: [hook] });
    expect(seen).toEqual([
      {
        flagKey: 'a.rule',
        value: true,
        variant: 'on',
        reason: 'TARGETING_MATCH',
        flagMetadata: { version: 1, revision: 1, rule: 'staff' },
      },
    ]);
  });

  it('are the code’s own where a flag is off, unknown, or of another type, and say why', async () => {
    const { flags } = await ready();
    expect(await flags.getBooleanDetails('a.off', true)).toMatchObject({ value: true, reason: 'DISABLED' });
    expect(await flags.getBooleanDetails('a.unknown', true)).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
      errorMessage: 'there is no such flag in this environment',
    });
    expect(await flags.getStringDetails('a.on', 'mine')).toMatchObject({ value: 'mine', errorCode: 'TYPE_MISMATCH' });
    expect(await flags.getObjectValue('a.on', { the: 'default' })).toEqual({ the: 'default' });
    expect(await flags.getNumberValue('a.on', 7)).toBe(7);
  });

  it('are recorded, and so is what is tracked, for the merged context', async () => {
    const provided = await ready();
    provided.flags.setContext({ targetingKey: 'ana' });
    await provided.flags.getBooleanValue('a.on', false);
    provided.flags.track('checkout', { plan: 'gold' }, { value: 3, currency: 'EUR' });
    expect(provided.recorded).toMatchObject([
      { type: 'served', flag: 'a.on', variation: 'on', unitKey: 'ana' },
      { type: 'tracked', name: 'checkout', unitKey: 'ana', value: 3, details: { currency: 'EUR' } },
    ]);
  });
});
