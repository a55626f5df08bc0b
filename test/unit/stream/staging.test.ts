import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { positionText } from '#ruleset/position';
import { digestOfText } from '#ruleset/write/digest';
import { type Candidate, isOfAudience, pickCanary } from '../../../workers/stream/audience.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { useClock } from '../publisher/fixtures/press.ts';
import { createChannel, type TestChannel, type TestClient } from './fixtures/channel.ts';
import { linesAt } from './fixtures/lines-at.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => void vi.useRealTimers());

/** Relays `us-1` and `us-2` of one region and `eu-1` of another, who have version 1 and have said so. */
async function withRelays(): Promise<{ channel: TestChannel; relays: Record<'us1' | 'us2' | 'eu1', TestClient> }> {
  const channel = await createChannel(signer);
  await channel.give(1);
  const us1 = channel.connect('us-1');
  vi.advanceTimersByTime(1_000);
  const us2 = channel.connect('us-2');
  const eu1 = channel.connect('eu-1', { 'lockstep-region': 'northeurope' });
  for (const name of ['us-1', 'us-2', 'eu-1']) channel.ack(name, 1);
  return { channel, relays: { us1, us2, eu1 } };
}

const versions = (relays: Record<string, TestClient>): number[] =>
  Object.values(relays).map((relay) => relay.versions().at(-1) ?? 0);

const refusal = (version: number, code = 'bad-entries') => ({ error: { code, version, message: 'a.flag: no' } });

describe('an edition that is staged', () => {
  it('R2: R9: is given to one canary, then to its region, then to all; who is not of the audience gets nothing of it', async () => {
    const { channel, relays } = await withRelays();
    expect(await channel.give(2, 'canary')).toMatchObject({ verdict: 'pending', asked: 1, applied: 0, canary: 'us-1' });
    expect(versions(relays)).toEqual([2, 1, 1]);
    channel.ack('us-1', 2);
    expect(await channel.give(2, 'canary')).toMatchObject({ verdict: 'applied', applied: 1, region: 'us-east-1' });
    expect(await channel.give(2, 'region')).toMatchObject({ verdict: 'pending', asked: 2, applied: 1 });
    expect(versions(relays)).toEqual([2, 2, 1]);
    expect(channel.editionOf('eu-1')?.edition.version).toBe(1);
    expect(await channel.give(2, 'all')).toMatchObject({ verdict: 'applied' });
    expect(versions(relays)).toEqual([2, 2, 2]);
  });

  it('answers as soon as its audience has', async () => {
    const { channel } = await withRelays();
    await channel.give(2, 'canary');
    const word = channel.await(2, 'canary', 3_000);
    await vi.advanceTimersByTimeAsync(100);
    channel.ack('us-1', 2);
    const at = Date.now();
    expect((await word).verdict).toBe('applied');
    expect(Date.now()).toBe(at);
  });

  it('R6: is refused by an audience one of whom refuses it, and by no word about another version', async () => {
    const { channel } = await withRelays();
    expect((await channel.give(2, 'canary')).verdict).toBe('pending');
    channel.ack('us-1', 1, refusal(9));
    expect((await channel.give(2, 'canary')).verdict).toBe('pending');
    for (const passing of ['older', 'wrong-base', 'wrong-digest']) channel.ack('us-1', 1, refusal(2, passing));
    expect((await channel.give(2, 'canary')).verdict).toBe('pending');
    channel.ack('us-1', 1, refusal(2));
    expect(await channel.give(2, 'canary')).toMatchObject({
      verdict: 'refused',
      refusals: [{ instance: 'us-1', region: 'us-east-1', code: 'bad-entries', message: 'a.flag: no' }],
    });
  });

  it('is unanswered where the canary says nothing for three seconds', async () => {
    const { channel } = await withRelays();
    await channel.give(2, 'canary');
    const word = channel.await(2, 'canary', 5_000);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(channel.convergence({ limit: 1 }).stage).toEqual({ version: 2, audience: 'canary' });
    await vi.advanceTimersByTimeAsync(200);
    expect((await word).verdict).toBe('unanswered');
  });

  it('goes to another canary where the first one goes away, which then has as long', async () => {
    const { channel, relays } = await withRelays();
    await channel.give(2, 'canary');
    const word = channel.await(2, 'canary', 5_000);
    await vi.advanceTimersByTimeAsync(2_000);
    relays.us1.leave();
    expect(versions(relays)).toEqual([2, 2, 1]);
    await vi.advanceTimersByTimeAsync(2_000);
    channel.ack('us-2', 2);
    expect(await word).toMatchObject({ verdict: 'applied', canary: 'us-2' });
  });

  it('is applied where there is nobody to ask: the reader of the publisher was enough', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    channel.connect('sdk-1', { 'lockstep-kind': 'sdk' }, 'server');
    expect(await channel.give(2, 'canary')).toMatchObject({ verdict: 'applied', asked: 0 });
    expect(await channel.give(2, 'region')).toMatchObject({ verdict: 'applied', asked: 0 });
  });

  it('waits behind a restart for relays that were there before', async () => {
    const { channel } = await withRelays();
    await channel.give(2, 'canary');
    const again = await channel.restarted();
    expect(again.convergence({ limit: 1 }).stage).toEqual({ version: 2, audience: 'canary' });
    const has = { 'last-event-id': positionText({ version: 2, digest: digestOfText(linesAt(2)) }) };
    expect((await again.give(2, 'canary')).verdict).toBe('pending');
    // The canary has it already, and is not told of the older one that all others have.
    const canary = again.connect('us-1', has);
    expect(canary.bookmarks()[0]?.version).toBe(2);
    again.connect('us-2');
    again.ack('us-1', 2);
    expect((await again.give(2, 'canary')).verdict).toBe('applied');
    vi.advanceTimersByTime(15_000);
    canary.leave();
    again.goodbye('us-2', 'relay', 'relay');
    expect((await again.give(3, 'canary')).verdict).toBe('applied');
  });

  it('gives way to a newer one, for which whoever refused is not asked', async () => {
    const { channel, relays } = await withRelays();
    await channel.give(2, 'canary');
    channel.ack('us-1', 1, refusal(2));
    expect((await channel.give(3, 'canary')).canary).toBe('us-2');
    expect(versions(relays)).toEqual([2, 3, 1]);
    expect(await channel.tryGive(2, 'all')).toMatchObject({ error: { code: 'conflict', version: 3 } });
    await channel.give(4, 'all');
    expect(versions(relays)).toEqual([4, 4, 4]);
  });

  it('is not gone back to once all have it', async () => {
    const { channel, relays } = await withRelays();
    await channel.give(2, 'all');
    await channel.give(2, 'canary');
    expect(channel.convergence({ limit: 1 })).toMatchObject({ version: 2, stage: null });
    expect(versions(relays)).toEqual([2, 2, 2]);
  });
});

describe('I4: an edition that needs another one everywhere', () => {
  const needs = (version: number, targets: string[] = []) => ({
    needs: { version, flags: ['pricing.fares'], targets },
  });
  const eu = (...names: string[]) => ({
    places: [{ region: 'northeurope', cloud: 'aws', instances: names.length, names }],
    targets: [],
  });
  const euAck = (channel: TestChannel, instance: string, version: number, more: object = {}): void =>
    channel.ack(instance, version, { region: 'northeurope', ...more });

  async function expanded(): Promise<Awaited<ReturnType<typeof withRelays>>> {
    const made = await withRelays();
    // A channel that has just begun has not heard of everybody.
    vi.advanceTimersByTime(15_000);
    euAck(made.channel, 'eu-1', 1);
    await made.channel.give(2, 'all');
    for (const name of ['us-1', 'us-2']) made.channel.ack(name, 2);
    return made;
  }

  it('is given to nobody while somebody who is expected has less, however long; and then at once', async () => {
    const { channel, relays } = await expanded();
    for (let hour = 0; hour < 3; hour++) {
      for (const audience of ['canary', 'region'] as const)
        expect(await channel.give(3, audience, needs(2))).toMatchObject({
          verdict: 'behind',
          asked: 0,
          behind: eu('eu-1'),
        });
      vi.advanceTimersByTime(60 * 60_000);
      for (const name of ['us-1', 'us-2']) channel.ack(name, 2);
    }
    expect([versions(relays), channel.convergence({ limit: 1 }).stage]).toEqual([[2, 2, 2], null]);
    // What it has is what counts, not whether it is heard just now.
    euAck(channel, 'eu-1', 2);
    vi.advanceTimersByTime(60_000);
    await channel.give(3, 'canary', needs(2));
    expect(channel.convergence({ limit: 1 }).stage).toEqual({ version: 3, audience: 'canary' });
  });

  it('waits for a region that is dark, and for no process that is gone from one that is not', async () => {
    const { channel } = await expanded();
    euAck(channel, 'eu-1', 2);
    euAck(channel, 'sdk-dead', 1, { kind: 'sdk' });
    channel.ack('relay-sin', 1, { region: 'sin', error: { code: 'bad-entries', version: 2, message: 'no' } });
    // Services name their regions themselves, and who has nothing has nothing older.
    channel.ack('sdk-lost', 1, { kind: 'sdk', region: 'nowhere' });
    vi.advanceTimersByTime(10 * 60_000);
    euAck(channel, 'eu-1', 2);
    channel.ack('new', 0, { region: 'new' });
    const names = ['relay-sin bad-entries'];
    const sin = { places: [{ region: 'sin', cloud: 'aws', instances: 1, names }], targets: [] };
    expect(await channel.give(3, 'canary', needs(2))).toMatchObject({ verdict: 'behind', behind: sin });
    channel.goodbye('relay-sin', 'relay', 'relay');
    expect((await channel.give(3, 'canary', needs(2))).verdict).not.toBe('behind');
  });

  it('waits for nobody who was not heard for a day, be there no tick, and for all while a channel is young', async () => {
    const { channel } = await expanded();
    vi.advanceTimersByTime(24 * 60 * 60_000);
    for (const name of ['us-1', 'us-2']) channel.ack(name, 2);
    expect((await channel.give(3, 'canary', needs(2))).verdict).not.toBe('behind');
    expect([...channel.board.all()].map(({ ack }) => ack.instance)).not.toContain('eu-1');
    const young = await channel.restarted();
    const nobody = { places: [], targets: [] };
    expect(await young.give(4, 'canary', needs(2))).toMatchObject({ verdict: 'behind', behind: nobody });
    vi.advanceTimersByTime(15_000);
    expect((await young.give(4, 'canary', needs(2))).verdict).not.toBe('behind');
  });

  it('goes no further where somebody turns up who has less', async () => {
    const { channel, relays } = await expanded();
    euAck(channel, 'eu-1', 2);
    await channel.give(3, 'canary', needs(2));
    euAck(channel, 'eu-2', 1);
    expect(await channel.give(3, 'region', needs(2))).toMatchObject({ verdict: 'behind', behind: eu('eu-2') });
    expect(versions(relays).filter((version) => version === 3)).toHaveLength(1);
    euAck(channel, 'eu-2', 2);
    await channel.give(3, 'region', needs(2));
    expect(versions(relays).filter((version) => version === 3)).toHaveLength(2);
  });

  it('R21: is on the board with who is waited for, until it is given out, or asked for no more', async () => {
    const { channel } = await expanded();
    const waiting = () => channel.convergence({ limit: 1 }).waiting;
    expect(waiting()).toBeNull();
    await channel.give(3, 'canary', needs(2, ['kv']));
    const named = { version: 3, needs: 2, flags: ['pricing.fares'] };
    expect(waiting()).toEqual({ ...named, behind: { ...eu('eu-1'), targets: ['kv'] } });
    euAck(channel, 'eu-1', 2);
    expect(waiting()).toEqual({ ...named, behind: { places: [], targets: ['kv'] } });
    expect(await channel.give(3, 'canary', needs(2, ['kv']))).toMatchObject({ verdict: 'behind' });
    vi.advanceTimersByTime(30_001);
    expect(waiting()).toBeNull();
    await channel.give(3, 'canary', needs(2, ['kv']));
    await channel.give(4, 'all');
    expect(waiting()).toBeNull();
  });
});

describe('the canary', () => {
  const candidate = (instance: string, more: Partial<Candidate> = {}): Candidate => ({
    instance,
    ...{
      kind: 'relay',
      region: 'us-east-1',
      asksToBeCanary: false,
      connectedAt: 10,
      isHealthy: true,
      hasRefused: false,
    },
    ...more,
  });
  const picked = (...candidates: Candidate[]): string | undefined => pickCanary(candidates)?.instance;

  it('is a relay that is healthy, and nobody else', () => {
    expect(picked()).toBeUndefined();
    expect(picked(candidate('a', { kind: 'sdk' }), candidate('b', { isHealthy: false }))).toBeUndefined();
  });

  it('is one that asks for it, else one that has refused nothing, else the oldest', () => {
    expect(picked(candidate('a', { connectedAt: 1 }), candidate('b', { asksToBeCanary: true }))).toBe('b');
    expect(picked(candidate('a', { connectedAt: 1, hasRefused: true }), candidate('b'))).toBe('b');
    expect(picked(candidate('a'), candidate('b', { connectedAt: 1 }), candidate('c'))).toBe('b');
    expect(picked(candidate('a', { asksToBeCanary: true, isHealthy: false }), candidate('b'))).toBe('b');
  });

  it('has a region, which is all who say that they are there', () => {
    const canary = candidate('a');
    const asked = (audience: 'canary' | 'region' | 'all') =>
      [canary, candidate('b'), candidate('c', { region: 'northeurope' })].map((one) =>
        isOfAudience(one, audience, canary),
      );
    expect(asked('canary')).toEqual([true, false, false]);
    expect(asked('region')).toEqual([true, true, false]);
    expect(asked('all')).toEqual([true, true, true]);
    expect(isOfAudience(canary, 'region', undefined)).toBe(false);
  });
});
