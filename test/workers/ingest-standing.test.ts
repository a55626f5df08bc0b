import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeBase64url } from '#core/base64url';
import { createExposureTokens } from '#exposure/exposure-token';
import { declare, drain, outcomesOf, read, totals } from './fixtures/cohorts.ts';
import { bearer, createIngest, exposureOf, type Ingest, inboxes, outcomeOf, unitOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const MINUTE_MS = 60_000;
const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
const asked = async ({ ask }: Ingest, path: string, method = 'GET', kind: Parameters<typeof bearer>[0] = 'control') => {
  const response = await ask(path, { method, headers: { authorization: bearer(kind) } });
  return { status: response.status, json: (await response.json()) as Record<string, never> };
};

describe('incidents', () => {
  it('I1: are listed, the latest first, and counted by kind, flag and revision', async () => {
    const ingest = await createIngest({ startAt: Date.now() });
    await ingest.post(persons(5).map((person) => exposureOf(person)));
    const broken = persons(3).map((person) => exposureOf(person, { variation: 'control', pop: 'sin' }));
    for (const one of broken) {
      ingest.clock.forward(1_000);
      await ingest.post([one]);
    }
    await drain();
    const { json } = await asked(ingest, '/v1/incidents');
    expect(json).toMatchObject({
      counts: [{ kind: 'two-variations', flag: 'pricing.fareBundlingV2', revision: 7, count: 3 }],
      incidents: [2, 1, 0].map((person) => ({ unit: unitOf(person), before: { pop: 'iad' }, after: { pop: 'sin' } })),
    });
  });

  it('are none with the product as it is', async () => {
    const ingest = await createIngest();
    await ingest.post(persons(5).map((person) => exposureOf(person)));
    await drain();
    expect((await asked(ingest, '/v1/incidents')).json).toMatchObject({ counts: [], incidents: [] });
  });
});

describe('I8: completeness', () => {
  it('is what emitters say against what arrived, by emitter, and by region and flag', async () => {
    const ingest = await createIngest();
    const flags = { 'pricing.fareBundlingV2': [40, 20], 'checkout.newAddressForm': [9, 4] };
    const ledger = { evaluated: 49, exposed: 24, sent: 10, dropped: 1, spilled: 3, collapsed: 2, flags };
    const whole = { evaluated: 24, exposed: 24, sent: 24, dropped: 0 };
    const events = persons(10).map((person) => exposureOf(person));
    await ingest.post(events, { region: 'us-east-1', sequence: 1, ledger });
    await ingest.post(events.slice(0, 5), { emitter: 'emitter-2', ledger: whole });
    const { json } = await asked(ingest, '/v1/completeness', 'GET', 'server');
    expect(json).toMatchObject({
      waiting: 0,
      ledgers: { emitters: 2, exposed: 48, sent: 34, outstanding: 8 },
      emitters: [
        { emitter: 'emitter-1', region: 'us-east-1', outstanding: 8 },
        { emitter: 'emitter-2', outstanding: 0 },
      ],
      flags: [
        { region: 'us-east-1', flag: 'checkout.newAddressForm', exposed: 4, received: 0, counted: 0, completeness: 0 },
        {
          ...{ flag: 'pricing.fareBundlingV2', evaluated: 40, exposed: 20 },
          received: 15,
          counted: 10,
          completeness: 0.75,
        },
      ],
    });
  });

  it('of a flag that no ledger tells apart is not known', async () => {
    const ingest = await createIngest();
    await ingest.post([exposureOf(1)]);
    const { json } = await asked(ingest, '/v1/completeness');
    expect(json['flags']).toMatchObject([{ received: 1, counted: 1, completeness: null }]);
  });
});

describe('B38: what was put aside', () => {
  it('is listed with its reason, and parts that a shard refused are replayed', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const ingest = await createIngest({ startAt: Date.now() });
    await declare(ingest);
    const time = ingest.clock.now();
    const old = exposureOf(1, { time: time - 31 * 24 * 60 * MINUTE_MS });
    await ingest.post([old, exposureOf(2, { time }), exposureOf(3, { time }), exposureOf(4, { time })]);
    const whole = new Map<number, string>();
    for (const inbox of persons(4))
      await runInDurableObject(inboxes.getByName(`inbox-${inbox}`), (_, { storage }) => {
        for (const { cells } of storage.sql.exec<{ cells: string }>('SELECT cells FROM log')) whole.set(inbox, cells);
        storage.sql.exec("UPDATE log SET cells = 'null'");
      });
    // What is behind them can be counted: the fault is theirs.
    await ingest.post(persons(40).flatMap((person) => (person < 10 ? [] : [exposureOf(person, { time })])));
    await drain();
    const { json } = await asked(ingest, '/v1/quarantine');
    expect(json['events']).toEqual([{ reason: 'too-old', receivedAt: time, what: old }]);
    expect(json['parts']).toHaveLength(whole.size);
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([30, 0]);
    expect(await (await ingest.ask('/metrics')).text()).toMatch(
      new RegExp(`^lockstep_ingest_parts_aside ${whole.size}$`, 'm'),
    );
    for (const [inbox, cells] of whole)
      await runInDurableObject(inboxes.getByName(`inbox-${inbox}`), (_, { storage }) => {
        storage.sql.exec('UPDATE refused_parts SET cells = ?', cells);
      });
    expect((await asked(ingest, '/v1/quarantine/replay', 'POST')).json).toMatchObject({ replayed: whole.size });
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([33, 0]);
    expect((await asked(ingest, '/v1/quarantine')).json['parts']).toEqual([]);
  });
});

describe('B34: what pages say', () => {
  const EXPOSURE_TOKEN_KEY = encodeBase64url(Uint8Array.from({ length: 32 }, (_, at) => at));
  const tokens = createExposureTokens(Uint8Array.from({ length: 32 }, (_, at) => at));

  it('counts for a guardrail with the edge’s word for the same unit alone, and is put aside without', async () => {
    const ingest = await createIngest({ startAt: Date.now(), vars: { EXPOSURE_TOKEN_KEY } });
    await declare(ingest);
    const time = ingest.clock.now();
    const { flag, revision, variation } = exposureOf(1);
    const minute = Math.floor(time / MINUTE_MS);
    const token = tokens.sign({ unit: unitOf(1), flag, revision, variation, minute });
    const page = (person: number, rest: object = {}) => ({ ...outcomeOf(person, { time, source: 'client' }), ...rest });
    await ingest.post(persons(5).map((person) => exposureOf(person, { time })));
    const outcomes = [page(1, { token }), page(2, { token }), page(3), page(4, { token: 'forged.AAAA' })];
    const { json } = await ingest.post([], { outcomes });
    expect(json.outcomes).toEqual({ accepted: 1, quarantined: 3 });
    const answer = await read(ingest);
    expect([totals(answer, 'checkout.error').treatment, outcomesOf(answer, 'checkout.error')['counted']]).toEqual([
      [5, 1],
      1,
    ]);
    const { events } = (await asked(ingest, '/v1/quarantine')).json as unknown as { events: object[] };
    expect(events).toHaveLength(3);
    expect(events).toMatchObject(events.map(() => ({ reason: 'no-exposure-token', what: { source: 'client' } })));
    expect(JSON.stringify(events)).not.toContain('token":');
  });

  it('counts for none where ingest has no key of the edge’s', async () => {
    const ingest = await createIngest();
    const { json } = await ingest.post([], { outcomes: [outcomeOf(1, { source: 'client' })] });
    expect(json.outcomes).toEqual({ accepted: 0, quarantined: 1 });
  });
});

describe('who saw what', () => {
  it('is told of a unit and a flag: the first time at each revision and rule', async () => {
    const ingest = await createIngest();
    const time = ingest.clock.now();
    const { rule: _, ...fallthrough } = exposureOf(1, { time: time - 1_000, revision: 8, variation: 'control' });
    await ingest.post([exposureOf(1, { time: time - 2_000 }), fallthrough, exposureOf(1), exposureOf(2)]);
    await drain();
    const path = (flag: string, unit: string) => `/v1/who-saw?${new URLSearchParams({ flag, unit })}`;
    const { json } = await asked(ingest, path('pricing.fareBundlingV2', unitOf(1)));
    const where = { region: 'us-east-1', cloud: 'cloudflare', pop: 'iad', isSplit: true };
    expect(json['sightings']).toEqual([
      { revision: 7, rule: 'us-5-percent', variation: 'treatment', ...where, time: time - 2_000 },
      { revision: 8, rule: '', variation: 'control', ...where, time: time - 1_000 },
    ]);
    expect((await asked(ingest, path('no.such', unitOf(1)))).json['sightings']).toEqual([]);
    expect((await asked(ingest, path('no.such', 'jane@travel.example'))).status).toBe(400);
    expect((await asked(ingest, path('', unitOf(1)))).status).toBe(400);
  });
});

describe('B43: who may ask', () => {
  const kinds = ['server', 'client', 'relay', 'pop', 'control', 'rollout'] as const;
  it.each([
    ['GET', '/v1/incidents', [200, 403, 200, 403, 200, 200]],
    ['GET', '/v1/completeness', [200, 403, 200, 403, 200, 200]],
    ['GET', '/v1/quarantine', [403, 403, 403, 403, 200, 403]],
    ['GET', `/v1/who-saw?flag=a&unit=${unitOf(1)}`, [403, 403, 403, 403, 200, 403]],
    ['POST', '/v1/quarantine/replay', [403, 403, 403, 403, 200, 403]],
    ['PATCH', '/v1/incidents', [405, 405, 405, 405, 405, 405]],
    ['GET', '/v1/quarantine/replay', [405, 405, 405, 405, 405, 405]],
  ])('%s %s', async (method, path, statuses) => {
    const ingest = await createIngest();
    const found: number[] = [];
    for (const kind of kinds) found.push((await asked(ingest, path, method, kind)).status);
    expect(found).toEqual(statuses);
  });
});
