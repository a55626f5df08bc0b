import { reset } from 'cloudflare:test';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { bearer, createIngest, exposureOf, gzipped, unitOf } from './fixtures/ingest.ts';

afterEach(reset);

const beaconOf = (events: readonly unknown[], rest: object = {}): string =>
  JSON.stringify({ emitter: 'emitter-1', sentAt: exposureOf(1).time, events, ...rest });

describe('events', () => {
  it('B36: one bad event in 1,000 is refused alone, by its place and its field, and the others are stored', async () => {
    const { post, counts } = await createIngest();
    const events: unknown[] = Array.from({ length: 1_000 }, (_, person) => exposureOf(person));
    events[617] = { ...exposureOf(617), revision: '7' };
    const { status, json } = await post(events);
    expect(status).toBe(202);
    expect(json).toMatchObject({
      accepted: 999,
      rejected: [{ index: 617, status: 400, detail: expect.stringMatching(/^revision: .*string/) }],
    });
    expect((await counts()).total).toBe(999);
  });

  const fields = Object.keys(exposureOf(1)) as (keyof ReturnType<typeof exposureOf>)[];
  const optional = ['rule', 'region', 'cloud', 'pop'];
  const wrong: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a boolean', true],
    ['an object', {}],
    ['a list', [1]],
    ['empty', ''],
    ['too long', 'x'.repeat(200)],
    ['a negative number', -1],
    ['a fraction', 0.5],
    ['beyond whole numbers', 2 ** 60],
    ['a text with a line break', 'a\nb'],
    ['a lone surrogate', '\ud800'],
  ];
  it.each(fields)(
    'B01: an event whose %s is of another type, blank or out of bounds is refused by name',
    async (field) => {
      const { post, counts } = await createIngest();
      const bad = wrong.map(([, value]) => ({ ...exposureOf(1), [field]: value }));
      const { [field]: _, ...without } = exposureOf(2);
      const { status, json } = await post([...bad, without, exposureOf(3)]);
      const missing = optional.includes(field) ? [] : [bad.length];
      expect(status).toBe(202);
      expect(json.rejected.map(({ index }) => index)).toEqual([...bad.keys(), ...missing]);
      expect(json.rejected.every(({ detail }) => detail.startsWith(`${field}: `))).toBe(true);
      expect((await counts()).total).toBe(missing.length === 0 ? 2 : 1);
    },
  );

  it('B21: a unit that is nobody’s pseudonym is refused: a name or an address must not get in', async () => {
    const { post } = await createIngest();
    const units = ['jane@travel.example', 'user-1', unitOf(1).slice(1), `${unitOf(1)}A`, `${unitOf(1).slice(0, -1)}B`];
    const { json } = await post([...units.map((unit) => exposureOf(1, { unit })), exposureOf(2)]);
    expect(json).toMatchObject({
      accepted: 1,
      rejected: units.map(() => ({ detail: expect.stringMatching(/^unit: .*pseudonym/) })),
    });
  });

  it('B04: names that objects have are plain data, and fields that nobody knows are passed over', async () => {
    const { send, counts } = await createIngest();
    const good = JSON.stringify(exposureOf(1)).replace(
      '{',
      '{"__proto__":{"flag":"a.b","admin":true},"constructor":1,"more":{"x":[]},',
    );
    const hidden = `{"__proto__":${JSON.stringify(exposureOf(2))}}`;
    const named = JSON.stringify(exposureOf(3, { variation: 'constructor' }));
    const response = await send(
      `{"emitter":"e","sentAt":1,"__proto__":{"events":[]},"events":[${good},${hidden},${named}]}`,
    );
    const { accepted, rejected } = (await response.json()) as { accepted: number; rejected: { index: number }[] };
    expect([accepted, rejected.map(({ index }) => index)]).toEqual([1, [1, 2]]);
    expect((await counts()).counts).toMatchObject([{ flag: 'pricing.fareBundlingV2' }]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('refuses a beacon of which no event is good, and says why', async () => {
    const { post } = await createIngest();
    const { status, json } = await post([{ ...exposureOf(1), flag: 'not a key' }, 'text']);
    expect([status, json]).toMatchObject([
      400,
      { detail: expect.stringMatching(/none of 2 events is good; events\.0: flag: /) },
    ]);
  });

  it('I12: whatever the events are, the answer is a verdict on each of them, or a refusal of all', async () => {
    const { post } = await createIngest();
    const near = fc.record({ flag: fc.jsonValue(), unit: fc.jsonValue(), time: fc.jsonValue() }, { requiredKeys: [] });
    const event = fc.oneof(
      fc.jsonValue(),
      near.map((fields) => ({ ...exposureOf(1), ...fields })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), fc.jsonValue(), async (events, ledger) => {
        const { status, json } = await post(events, { ledger });
        const { accepted = 0, quarantined = 0, rejected = events } = json;
        expect([202, 400]).toContain(status);
        expect(accepted + quarantined + rejected.length).toBe(events.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('bodies', () => {
  it.each([
    ['empty', '', 400],
    ['no JSON', '{"emitter":', 400],
    ['not in UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 400],
    ['null', 'null', 400],
    ['a list', '[]', 400],
    ['an empty object', '{}', 400],
    ['without events', '{"emitter":"e","sentAt":1}', 400],
    ['with events that are no list', '{"emitter":"e","sentAt":1,"events":{"length":1}}', 400],
    ['from nobody', '{"sentAt":1,"events":[]}', 400],
    ['from an emitter with a name too long', beaconOf([], { emitter: 'x'.repeat(65) }), 400],
    ['without a time', '{"emitter":"e","events":[]}', 400],
    ['of a time as text', beaconOf([], { sentAt: '1795420800000' }), 400],
    ['of a time that is none', beaconOf([]).replace(/"sentAt":\d+/, '"sentAt":1e999'), 400],
    ['nested 10,000 deep', `{"emitter":"e","sentAt":1,"events":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
    ['of 1,001 events', beaconOf(Array.from({ length: 1_001 }, () => 0)), 413],
  ])('I12: a body %s is refused with a problem that says what to do', async (_, body, status) => {
    const response = await (await createIngest()).send(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ status, detail: expect.stringMatching(/\w{3}/) });
  });

  it('B36: takes gzip, and refuses any other encoding with the one that it takes', async () => {
    const { send } = await createIngest();
    const body = beaconOf([exposureOf(1)]);
    expect((await send(await gzipped(body), { 'content-encoding': 'GZip' })).status).toBe(202);
    expect((await send(body, { 'content-encoding': 'identity' })).status).toBe(202);
    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'zstd', 'x']) {
      const response = await send(await gzipped(body), { 'content-encoding': encoding });
      expect([encoding, response.status, response.headers.get('accept-encoding')]).toEqual([encoding, 415, 'gzip']);
    }
  });

  it('B36: refuses what is no gzip, or not all of it, or more than it', async () => {
    const { send } = await createIngest();
    const whole = new Uint8Array(await gzipped(beaconOf([exposureOf(1)])));
    const damaged = whole.slice();
    damaged.fill(0, 20, 40);
    const bodies = [
      beaconOf([exposureOf(1)]),
      '',
      whole.slice(0, -1),
      whole.slice(0, 15),
      damaged,
      new Uint8Array([...whole, 1]),
    ];
    for (const body of bodies) expect((await send(body, { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send(whole)).status).toBe(400);
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'])(
    'B48: refuses the content type %s',
    async (type) => {
      const { ask } = await createIngest();
      const headers = type === undefined ? [] : [['content-type', type]];
      const body = new TextEncoder().encode(beaconOf([exposureOf(1)]));
      const response = await ask('/v1/exposures', { method: 'POST', body, headers: headers as [string, string][] });
      expect([response.status, response.headers.get('accept')]).toEqual([415, 'application/json']);
    },
  );

  it('takes a content type with parameters', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await (await createIngest()).send(beaconOf([exposureOf(1)]), headers)).status).toBe(202);
  });
});

describe('sizes', () => {
  const padded = (bytes: number): string => {
    const body = beaconOf([exposureOf(1)], { padding: '' });
    return body.replace('"padding":""', `"padding":"${'x'.repeat(bytes - body.length)}"`);
  };
  /** Of letters that do not repeat, so that they do not compress much. */
  const ragged = (bytes: number): string => {
    const letters = Array.from(crypto.getRandomValues(new Uint8Array(60_000)), (byte) =>
      String.fromCharCode(97 + (byte % 2)),
    );
    return padded(bytes).replaceAll('x'.repeat(60_000), letters.join(''));
  };
  const streamed = (body: string): ReadableStream => new Blob([body]).stream();

  it('B05: a body may have 256 KiB as sent, whether it says its length or not', async () => {
    const { send } = await createIngest();
    for (const bodyOf of [padded, (bytes: number) => streamed(padded(bytes))]) {
      expect((await send(bodyOf(256 * 1024))).status).toBe(202);
      expect((await send(bodyOf(256 * 1024 + 1))).status).toBe(413);
    }
  });

  it('B36: it may inflate to 1 MiB', async () => {
    const { send } = await createIngest();
    for (const [bytes, status] of [
      [1024 * 1024, 202],
      [1024 * 1024 + 1, 413],
    ] as const) {
      const response = await send(await gzipped(ragged(bytes)), { 'content-encoding': 'gzip' });
      expect([bytes, response.status]).toEqual([bytes, status]);
    }
  });

  it('B36: a gzip bomb is cut while it inflates: by its size, and, where that is small, by how much larger it grows', async () => {
    const { send } = await createIngest();
    const megabytes = (count: number): ReadableStream<Uint8Array> => {
      let left = count;
      return new ReadableStream({
        pull: (to) => (left-- > 0 ? to.enqueue(new Uint8Array(1024 * 1024)) : to.close()),
      });
    };
    const bomb = await new Response(megabytes(200).pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
    expect(bomb.byteLength).toBeLessThan(256 * 1024);
    expect((await send(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    const small = await gzipped(padded(200 * 1024));
    expect(small.byteLength).toBeLessThan(2 * 1024);
    expect((await send(small, { 'content-encoding': 'gzip' })).status).toBe(413);
  });
});

describe('whoever asks', () => {
  it('B49: a key counts in a header alone, never in the query string', async () => {
    const { ask } = await createIngest();
    for (const query of ['key', 'api_key', 'access_token', 'authorization'].map(
      (name) => `${name}=${bearer('server').slice(7)}`,
    )) {
      const response = await ask(`/v1/counts?${query}`, { headers: { authorization: '' } });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  });

  it('B34: a client key neither sends nor reads, and is told so before its body is looked at', async () => {
    const { ask } = await createIngest();
    const headers = { authorization: bearer('client') };
    const sent = await ask('/v1/exposures', { method: 'POST', body: 'no JSON', headers });
    expect([sent.status, await sent.json()]).toMatchObject([403, { detail: expect.stringContaining('client key') }]);
    expect((await ask('/v1/counts', { headers })).status).toBe(403);
  });

  it('takes a relay’s key as it takes a server’s', async () => {
    const { ask } = await createIngest();
    expect((await ask('/v1/counts', { headers: { authorization: bearer('relay') } })).status).toBe(200);
  });

  it('says what a route takes, and that there is no other', async () => {
    const { ask } = await createIngest();
    const got = await ask('/v1/exposures');
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    const deleted = await ask('/v1/counts', { method: 'DELETE' });
    expect([deleted.status, deleted.headers.get('allow')]).toEqual([405, 'GET']);
    for (const path of ['/v1/none', '/', '/v1/exposures/', '//v1/exposures', '/V1/counts'])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
  });

  it('says without a key that it lives', async () => {
    const { ask } = await createIngest();
    expect((await ask('/livez', { headers: { authorization: '' } })).status).toBe(200);
  });
});
