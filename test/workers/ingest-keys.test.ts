/** SDK keys at ingest: who is let in by the keys document, and when keys were last used. */
import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KeyEntry } from '#ruleset/decode-key';
import { KEYS_BOUND_MS, KEYS_REVALIDATE_MS } from '#sdk/edge/keys-source';
import type { InboxNamespace } from '../../workers/ingest/inboxes.ts';
import { keepKeyUses, readKeyUses } from '../../workers/ingest/keep-key-uses.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../unit/fixtures/signing.ts';
import { hashOf } from './fixtures/edge.ts';
import { bearer, createIngest, exposureOf, type Ingest, type IngestParts, inboxes } from './fixtures/ingest.ts';
import { keyEntry, keysDocument } from './fixtures/keys-document.ts';

const ISSUED = 'ls_server_issued';
const SHA = 's'.repeat(43);
const OTHER_SHA = 't'.repeat(43);
const MINUTE = 60_000;

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
const made: Ingest[] = [];
afterEach(async () => {
  // What runs behind answers ends before its inboxes do, but for reads of a store that never answers.
  const settled = Promise.all(made.splice(0).map((ingest) => ingest.settle()));
  await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 200))]);
  vi.restoreAllMocks();
  await reset();
});

async function ingestWith(entries?: readonly KeyEntry[], parts: IngestParts = {}): Promise<Ingest> {
  const ingest = await createIngest({ signer, ...parts });
  made.push(ingest);
  if (entries !== undefined) ingest.keyStore.text = await keysDocument(signer, entries, 1);
  return ingest;
}

const authorization = (key: string): string => (key.startsWith('Bearer') ? key : `Bearer ${key}`);
const asks = async ({ ask }: Ingest, key: string, path = '/v1/counts'): Promise<number> =>
  (await ask(path, { headers: { authorization: authorization(key) } })).status;
const send = ({ ask, clock }: Ingest, key: string, beacon: object): Promise<Response> =>
  ask('/v1/exposures', {
    method: 'POST',
    body: JSON.stringify({ emitter: 'pop-1', sentAt: clock.now(), events: [], ...beacon }),
    headers: { 'content-type': 'application/json', authorization: authorization(key) },
  });
const sends = async (ingest: Ingest, key: string): Promise<number> =>
  (await send(ingest, key, { events: [exposureOf(1)] })).status;

describe('B49: a key of the keys document', () => {
  it('is taken until it is revoked, and refused by the first request after the bound', async () => {
    const ingest = await ingestWith([await keyEntry(ISSUED)]);
    expect([await asks(ingest, ISSUED), await sends(ingest, ISSUED), await asks(ingest, 'ls_unknown')]).toEqual([
      200, 202, 401,
    ]);
    ingest.keyStore.text = await keysDocument(signer, [], 2);
    ingest.clock.forward(KEYS_BOUND_MS + 1);
    expect([await asks(ingest, ISSUED), await sends(ingest, ISSUED)]).toEqual([401, 401]);
  });

  it('is refused once the document without it was read behind a request, before the bound', async () => {
    const ingest = await ingestWith([await keyEntry(ISSUED)]);
    await asks(ingest, ISSUED);
    ingest.keyStore.text = await keysDocument(signer, [], 2);
    ingest.clock.forward(KEYS_REVALIDATE_MS + 1);
    await asks(ingest, ISSUED);
    await ingest.settle();
    expect(await asks(ingest, ISSUED)).toBe(401);
  });

  it('stops by the clock where it ends, without a look at the store', async () => {
    const ingest = await ingestWith();
    const end = ingest.clock.now() + 5_000;
    ingest.keyStore.text = await keysDocument(signer, [await keyEntry(ISSUED, { e: end })], 1);
    expect(await asks(ingest, ISSUED)).toBe(200);
    const { reads } = ingest.keyStore;
    ingest.clock.forward(5_000);
    expect([await asks(ingest, ISSUED), ingest.keyStore.reads]).toEqual([401, reads]);
  });

  it('neither sends nor reads where it is a client’s', async () => {
    const ingest = await ingestWith([await keyEntry(ISSUED, { t: 'client' })]);
    expect([await asks(ingest, ISSUED), await sends(ingest, ISSUED)]).toEqual([403, 403]);
  });

  it('B10, B51: is none where its document is of another environment, of nobody who is trusted, for flags, or older', async () => {
    const ingest = await ingestWith([]);
    ingest.keyStore.text = await keysDocument(signer, [], 2);
    expect(await asks(ingest, ISSUED)).toBe(401);
    const entries = [await keyEntry(ISSUED)];
    const bad = [
      await keysDocument(signer, entries, 3, 'staging/keys'),
      await keysDocument(await createSigner('key-2'), entries, 3),
      await keysDocument(signer, entries, 3, ENVIRONMENT),
      await keysDocument(signer, entries, 1),
      (await keysDocument(signer, entries, 3)).slice(0, -1),
      'garbage',
    ];
    for (const [at, text] of bad.entries()) {
      ingest.keyStore.text = text;
      ingest.clock.forward(KEYS_BOUND_MS + 1);
      expect([at, await asks(ingest, ISSUED)]).toEqual([at, 401]);
    }
    ingest.keyStore.text = await keysDocument(signer, entries, 3);
    ingest.clock.forward(KEYS_BOUND_MS + 1);
    expect(await asks(ingest, ISSUED)).toBe(200);
  });
});

describe('the keys of the settings', () => {
  it('count until there is a document; from then on those of POPs and control do, and none of an SDK', async () => {
    const ingest = await ingestWith();
    expect([await asks(ingest, bearer('server')), await asks(ingest, ISSUED)]).toEqual([200, 401]);
    ingest.keyStore.text = await keysDocument(signer, [await keyEntry(ISSUED)], 1);
    ingest.clock.forward(KEYS_REVALIDATE_MS + 1);
    await asks(ingest, ISSUED);
    await ingest.settle();
    expect([await asks(ingest, bearer('server')), await asks(ingest, ISSUED)]).toEqual([401, 200]);
    expect([await sends(ingest, bearer('pop')), await asks(ingest, bearer('control'), '/v1/key-use')]).toEqual([
      202, 200,
    ]);
  });

  it('count beside it where they are said to be the deployment’s own', async () => {
    const records = [{ sha256: await hashOf('ls_server_own'), kind: 'server', own: true }];
    const ingest = await ingestWith([await keyEntry(ISSUED)], { vars: { SDK_KEYS: JSON.stringify(records) } });
    expect([await asks(ingest, 'ls_server_own'), await asks(ingest, ISSUED)]).toEqual([200, 200]);
  });
});

describe('the settings of ingest', () => {
  const key = { sha256: SHA, kind: 'server' };
  it.each<[string, Record<string, string>]>([
    ['no key that a keys document could be signed with', { PUBLIC_KEYS: '[]' }],
    ['a kind of key that there is not', { SDK_KEYS: JSON.stringify([{ ...key, kind: 'admin' }]) }],
    ['a key that is said to be own by a word', { SDK_KEYS: JSON.stringify([{ ...key, own: 'yes' }]) }],
    ['a key that is said to be issued', { SDK_KEYS: JSON.stringify([{ ...key, issued: true }]) }],
  ])('%s is a fault', async (_, vars) => {
    await expect(createIngest({ vars })).rejects.toThrow(Object.keys(vars)[0]);
  });
});

describe('I3: a dark store', () => {
  it.each(['rejects', 'hangs'] as const)('%s: keys that are held go on, and beacons arrive', async (fault) => {
    const ingest = await ingestWith([await keyEntry(ISSUED)]);
    expect(await asks(ingest, ISSUED)).toBe(200);
    ingest.keyStore.fault = fault;
    ingest.clock.forward(3_600_000);
    expect([await asks(ingest, ISSUED), await sends(ingest, bearer('pop'))]).toEqual([200, 202]);
    expect(await asks(ingest, 'ls_unknown')).toBe(401);
  });

  it('and a document that was wiped, are no reason to forget it', async () => {
    const ingest = await ingestWith([await keyEntry(ISSUED)]);
    await asks(ingest, ISSUED);
    ingest.keyStore.text = undefined;
    ingest.clock.forward(3_600_000);
    expect([await asks(ingest, ISSUED), await asks(ingest, bearer('server'))]).toEqual([200, 401]);
  });

  it('from the start on: those of the settings count, and others are told to ask again', async () => {
    const ingest = await ingestWith([await keyEntry(ISSUED)]);
    ingest.keyStore.fault = 'rejects';
    expect([await asks(ingest, bearer('server')), await sends(ingest, bearer('pop'))]).toEqual([200, 202]);
    const response = await ingest.ask('/v1/counts', { headers: { authorization: `Bearer ${ISSUED}` } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    ingest.keyStore.fault = 'none';
    ingest.clock.forward(1_001);
    await asks(ingest, ISSUED);
    await ingest.settle();
    expect(await asks(ingest, ISSUED)).toBe(200);
  });
});

describe('B43: a key of each kind', () => {
  it.each([
    ['server', 202, 200, 403],
    ['relay', 202, 200, 403],
    ['client', 403, 403, 403],
    ['pop', 202, 403, 403],
    ['control', 403, 403, 200],
  ] as const)('may do so much: %s', async (kind, sent, counted, told) => {
    const ingest = await ingestWith();
    expect([
      await sends(ingest, bearer(kind)),
      await asks(ingest, bearer(kind)),
      await asks(ingest, bearer(kind), '/v1/key-use'),
    ]).toEqual([sent, counted, told]);
  });

  it('is told what the route takes', async () => {
    const { ask } = await ingestWith();
    const response = await ask('/v1/key-use');
    expect(await response.json()).toMatchObject({
      status: 403,
      detail: "this takes the control plane's own key, and this is a server key",
    });
    const posted = await ask('/v1/key-use', { method: 'POST', headers: { authorization: bearer('control') } });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

interface Told {
  readonly environment: string;
  readonly keys: readonly { readonly sha256: string; readonly lastUsedAt: number }[];
}

async function keyUse({ ask }: Ingest): Promise<Record<string, number>> {
  const response = await ask('/v1/key-use', { headers: { authorization: bearer('control') } });
  const { environment, keys } = (await response.json()) as Told;
  expect(environment).toBe(ENVIRONMENT);
  return Object.fromEntries(keys.map(({ sha256, lastUsedAt }) => [sha256, lastUsedAt]));
}

const minuteOf = (time: number): number => Math.floor(time / MINUTE) * MINUTE;

describe('when keys were last used', () => {
  it('is nothing where nothing was told', async () => {
    expect(await keyUse(await ingestWith())).toEqual({});
  });

  it('is the latest minute that any POP told, whatever comes late', async () => {
    const ingest = await ingestWith();
    const at = minuteOf(ingest.clock.now());
    const before = at - 5 * MINUTE;
    const uses = [
      [SHA, at],
      [OTHER_SHA, before],
    ];
    expect((await send(ingest, bearer('pop'), { uses })).status).toBe(202);
    for (let pop = 2; pop < 10; pop++) {
      await send(ingest, bearer('pop'), { emitter: `pop-${pop}`, uses: [[SHA, before]] });
    }
    expect(await keyUse(ingest)).toEqual({ [SHA]: at, [OTHER_SHA]: before });
  });

  it('B37: is by ingest’s clock, to the minute, never in the future, and nothing that is too old to be believed', async () => {
    const ingest = await ingestWith();
    const now = ingest.clock.now() + 7_777;
    ingest.clock.forward(7_777);
    const theirs = now + 3_600_000;
    const uses = [
      [SHA, theirs - 10 * MINUTE],
      [OTHER_SHA, theirs + MINUTE],
      ['u'.repeat(43), theirs - 31 * 86_400_000],
    ];
    await send(ingest, bearer('pop'), { sentAt: theirs, uses });
    expect(await keyUse(ingest)).toEqual({ [SHA]: minuteOf(now - 10 * MINUTE), [OTHER_SHA]: minuteOf(now) });
  });

  it.each([
    ['a server', { t: 'server' }, false],
    ['a relay of some namespaces', { t: 'relay', n: ['pricing'] }, false],
    ['a relay', { t: 'relay' }, true],
  ] as const)(
    'B34: is believed of POPs, and of relays for keys that there are: %s',
    async (_who, fields, isBelieved) => {
      const other = 'ls_server_of_a_service';
      const ingest = await ingestWith([await keyEntry(ISSUED, fields), await keyEntry(other)]);
      const uses = [await hashOf(other), SHA].map((sha256) => [sha256, ingest.clock.now()]);
      expect((await send(ingest, ISSUED, { uses })).status).toBe(202);
      await ingest.settle();
      const known = [...(isBelieved ? [await hashOf(other)] : []), await hashOf(ISSUED)];
      expect(new Set(Object.keys(await keyUse(ingest)))).toEqual(new Set(known));
    },
  );

  it.each([
    ['no list', { [SHA]: 1 }],
    ['no digest', [['short', 1]]],
    ['a whole key', [['ls_server_of_the_test'.padEnd(44, 'x'), 1]]],
    ['no time', [[SHA, '1']]],
    ['a time before all', [[SHA, -1]]],
    ['more than two things', [[SHA, 1, 2]]],
    ['too many', Array.from({ length: 1_501 }, () => [SHA, 1])],
    ['null', null],
  ])('B36: costs no event where it is out of form: %s', async (_what, uses) => {
    const ingest = await ingestWith();
    const response = await send(ingest, bearer('pop'), { events: [exposureOf(1)], uses });
    expect(await response.json()).toMatchObject({ accepted: 1 });
    expect(await keyUse(ingest)).toEqual({});
  });

  it('is also that of an issued key which comes to ingest itself, told to an inbox once a minute', async () => {
    let kept = 0;
    const namespace: InboxNamespace = {
      getByName(name) {
        const inbox = inboxes.getByName(name);
        return {
          receive: (part) => inbox.receive(part),
          counts: (query) => inbox.counts(query),
          keyUses: () => inbox.keyUses(),
          progress: (now) => inbox.progress(now),
          collapsed: (flag) => inbox.collapsed(flag),
          received: () => inbox.received(),
          quarantine: (...asked) => inbox.quarantine(...asked),
          replay: () => inbox.replay(),
          measures: (now) => inbox.measures(now),
          addRejected: (events) => inbox.addRejected(events),
          keepUses(uses) {
            kept++;
            return inbox.keepUses(uses);
          },
        };
      },
    };
    const ingest = await ingestWith([await keyEntry(ISSUED)], { namespace });
    const start = minuteOf(ingest.clock.now());
    for (let request = 0; request < 3; request++) await asks(ingest, ISSUED);
    await asks(ingest, bearer('pop'));
    await ingest.settle();
    expect([kept, await keyUse(ingest)]).toEqual([1, { [await hashOf(ISSUED)]: start }]);
    ingest.clock.forward(MINUTE);
    await sends(ingest, ISSUED);
    await ingest.settle();
    expect([kept, await keyUse(ingest)]).toEqual([2, { [await hashOf(ISSUED)]: start + MINUTE }]);
  });

  it('B35: is sent again by the POP where no inbox keeps it, and costs an issued key nothing', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    let isDown = true;
    const namespace: InboxNamespace = {
      getByName(name) {
        const inbox = inboxes.getByName(name);
        return {
          receive: (part) => inbox.receive(part),
          counts: (query) => inbox.counts(query),
          keyUses: () => inbox.keyUses(),
          progress: (now) => inbox.progress(now),
          collapsed: (flag) => inbox.collapsed(flag),
          received: () => inbox.received(),
          quarantine: (...asked) => inbox.quarantine(...asked),
          replay: () => inbox.replay(),
          measures: (now) => inbox.measures(now),
          addRejected: (events) => inbox.addRejected(events),
          keepUses: async (uses) => {
            if (isDown) throw new Error('the object was reset');
            await inbox.keepUses(uses);
          },
        };
      },
    };
    const ingest = await ingestWith([await keyEntry(ISSUED)], { namespace });
    const start = minuteOf(ingest.clock.now());
    const beacon = { events: [exposureOf(1)], uses: [[SHA, start]] };
    expect((await send(ingest, bearer('pop'), beacon)).status).toBe(503);
    expect(await asks(ingest, ISSUED)).toBe(200);
    await ingest.settle();
    expect(log).toHaveBeenCalledTimes(2);
    isDown = false;
    expect((await send(ingest, bearer('pop'), beacon)).status).toBe(202);
    const counts = await ingest.ask('/v1/counts', { headers: { authorization: authorization(ISSUED) } });
    expect(await counts.json()).toMatchObject({ total: 1, duplicates: 1 });
    ingest.clock.forward(MINUTE);
    await asks(ingest, ISSUED);
    await ingest.settle();
    expect(await keyUse(ingest)).toEqual({ [SHA]: start, [await hashOf(ISSUED)]: start + MINUTE });
  });

  it('is bounded in an inbox: keys that were idle for longest go', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), (_, { storage }) => {
      const keys = [3, 1, 4, 2].map((at) => [String(at).repeat(43), at * MINUTE] as const);
      keepKeyUses(storage.sql, keys, 3);
      expect(readKeyUses(storage.sql).map(({ lastUsedAt }) => lastUsedAt / MINUTE)).toEqual([2, 3, 4]);
      keepKeyUses(storage.sql, [['2'.repeat(43), 9 * MINUTE]], 2);
      expect(readKeyUses(storage.sql).map(({ lastUsedAt }) => lastUsedAt / MINUTE)).toEqual([9, 4]);
    });
  });
});
