import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import {
  type Answered,
  BULK,
  bodyOf,
  CLIENT_KEY,
  createEdge,
  createStore,
  type Edge,
  linesOf,
  type MemoryStore,
  REVALIDATE_MS,
} from './fixtures/edge.ts';

const OFFLINE_DEFAULTS = JSON.stringify({
  'pricing.fareBundlingV2': { variation: 'control', value: 'control', visibility: 'client' },
  'checkout.retryBudget': { variation: 'one', value: 1, visibility: 'server' },
  'a.flag': { variation: 'off', value: false, visibility: 'client' },
});

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const offline = (store: MemoryStore = createStore()): Promise<Edge> => createEdge(signer, store, { OFFLINE_DEFAULTS });
const one = (edge: Edge, key: string, asking = {}): Promise<Answered> =>
  edge.ask(`${BULK}/${key}`, { ...bodyOf(), ...asking });
const keysIn = ({ json }: Answered): string[] => (json['flags'] as { key: string }[]).map(({ key }) => key);

const METADATA = { version: 0, revision: 0, warning: 'NO_RULESET' };

const STORES: [string, () => MemoryStore][] = [
  ['an empty store', () => createStore()],
  ['a store out of reach', () => Object.assign(createStore(), { fault: 'rejects' as const })],
  ['garbage in the store', () => createStore('garbage')],
];

describe.each(STORES)('R17: a POP that has only ever had %s', (name, storeOf) => {
  it('serves each flag its offline default, to whoever may see it', async () => {
    const edge = await offline(storeOf());
    const told = await one(edge, 'checkout.retryBudget');
    expect([told.status, told.headers.get('lockstep-version')]).toEqual([200, '0']);
    expect(told.json).toEqual({
      key: 'checkout.retryBudget',
      value: 1,
      variant: 'one',
      reason: 'DEFAULT',
      metadata: METADATA,
    });
    const client = await one(edge, 'pricing.fareBundlingV2', { key: CLIENT_KEY });
    expect(client.json).toMatchObject({ value: 'control', reason: 'DEFAULT', metadata: METADATA });
  });

  it('has no value for a name that it does not know: the code’s own default applies', async () => {
    const edge = await offline(storeOf());
    for (const key of ['pricing.memberRates', '__proto__', 'constructor', 'a%2Fb']) {
      const { status, json } = await one(edge, key);
      expect([status, json]).toEqual([
        200,
        { key: decodeURIComponent(key), reason: 'DEFAULT', metadata: { version: 0, warning: 'NO_RULESET' } },
      ]);
    }
  });

  it('B24: tells a client key of a server’s flag what it tells of none at all', async () => {
    const edge = await offline(storeOf());
    const server = await one(edge, 'checkout.retryBudget', { key: CLIENT_KEY });
    const none = await one(edge, 'checkout.noSuchFlag', { key: CLIENT_KEY });
    expect(server.text.replace('retryBudget', 'noSuchFlag')).toBe(none.text);
  });

  it('lists the offline defaults, to client keys those of visibility client', async () => {
    const edge = await offline(storeOf());
    const server = await edge.ask(BULK, bodyOf());
    expect(keysIn(server)).toEqual(['a.flag', 'checkout.retryBudget', 'pricing.fareBundlingV2']);
    expect(server.json['metadata']).toEqual({ version: 0 });
    const client = await edge.ask(BULK, { ...bodyOf(), key: CLIENT_KEY });
    expect(keysIn(client)).toEqual(['a.flag', 'pricing.fareBundlingV2']);
  });

  it('still says what is wrong with a request', async () => {
    const edge = await offline(storeOf());
    expect(await one(edge, 'a.flag', { body: '{' })).toMatchObject({ status: 400, json: { errorCode: 'PARSE_ERROR' } });
    expect(await edge.ask(BULK, { method: 'POST', body: '[]' })).toMatchObject({
      status: 400,
      json: { errorCode: 'INVALID_CONTEXT' },
    });
  });

  it('says so in its status, and what the store did', async () => {
    const edge = await offline(storeOf());
    await edge.flag();
    const status = await edge.status();
    expect(status).toMatchObject({ source: 'offline-defaults', version: null });
    const { storeErrors, refusals } = status;
    expect([storeErrors > 0, refusals > 0]).toEqual([name === STORES[1]?.[0], name === STORES[2]?.[0]]);
  });

  it('does not ask the store again for a second, however many ask it', async () => {
    const edge = await offline(storeOf());
    for (let at = 0; at < 20; at++) await edge.flag();
    expect(edge.store.reads).toBe(1);
    edge.clock.forward(1_001);
    await edge.flag();
    expect(edge.store.reads).toBe(2);
  });

  it('serves a ruleset as soon as there is one', async () => {
    const edge = await offline(storeOf());
    expect((await edge.flag()).json).toMatchObject({ reason: 'DEFAULT' });
    edge.store.fault = 'none';
    edge.store.text = await signer.sign(linesOf(7), { version: 7 });
    edge.clock.forward(1_001);
    const { json, headers } = await edge.flag();
    expect([json, headers.get('lockstep-version')]).toMatchObject([
      { value: true, variant: 'on', reason: 'STATIC' },
      '7',
    ]);
    expect(await edge.status()).toMatchObject({ source: 'kv', version: 7 });
    // What only the defaults know is unknown from now on.
    expect((await one(edge, 'checkout.retryBudget')).json).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
  });
});

describe('R17: a POP whose first read of the store never ends', () => {
  const hanging = (): MemoryStore => Object.assign(createStore(), { fault: 'hangs' as const });

  it('answers after the deadline', async () => {
    const edge = await offline(hanging());
    const never = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 5_000));
    expect(await Promise.race([edge.flag(), never])).toMatchObject({ status: 200, json: { reason: 'DEFAULT' } });
  });

  it('waits once, and asks the store once a second, however many ask it', async () => {
    const edge = await offline(hanging());
    for (let at = 0; at < 10; at++) await edge.flag();
    expect(edge.store.reads).toBe(1);
    edge.clock.forward(1_001);
    await edge.flag();
    expect(edge.store.reads).toBe(2);
  });

  it('asks the store once where many ask at the same time, and answers all by what it says', async () => {
    const edge = await offline(createStore(await signer.sign(linesOf(7), { version: 7 })));
    const answers = await Promise.all(Array.from({ length: 60 }, () => edge.flag()));
    expect(new Set(answers.map(({ json }) => json['variant']))).toEqual(new Set(['on']));
    expect(edge.store.reads).toBe(1);
  });

  it('takes what such a read brings in the end', async () => {
    const store = createStore(await signer.sign(linesOf(7), { version: 7 }));
    let arrive = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const edge = await offline(Object.assign(store, { read: () => arrived.then(() => store.text) }));
    expect((await edge.flag()).json).toMatchObject({ reason: 'DEFAULT' });
    arrive();
    await edge.settle();
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', metadata: { version: 7 } });
  });
});

describe('R17: a POP that has had a ruleset', () => {
  it('goes on with it, and not with the offline defaults, when the store is gone for good', async () => {
    const edge = await offline(createStore(await signer.sign(linesOf(7), { version: 7 })));
    await edge.flag();
    edge.store.text = undefined;
    edge.clock.forward(1_000 * REVALIDATE_MS);
    for (let at = 0; at < 3; at++) await edge.revalidate();
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STALE', metadata: { version: 7 } });
    expect(await edge.status()).toMatchObject({ source: 'kv', version: 7 });
  });
});
