import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { keyEntry } from './fixtures/held.ts';
import { closeAll, ready, started } from './fixtures/serving.ts';

afterEach(closeAll);

interface Bulk {
  readonly flags: readonly { readonly key: string }[];
  readonly eventStreams: unknown;
  readonly metadata: unknown;
}

const ask = { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) };
const UNIT_KEY = new Uint8Array(32).fill(5);
const ALL = '/ofrep/v1/evaluate/flags';
const ONE = `${ALL}/checkout.form`;

describe('evaluations at a relay', () => {
  it('are those of the ruleset in force, with its version', async () => {
    const { call, held, counter } = await ready();
    held.clock.forward(1_234);
    const response = await call(ONE, ask);
    expect(response.status).toBe(200);
    expect(response.headers.get('lockstep-version')).toBe('7');
    expect(response.headers.get('server-timing')).toBe('age;dur=1234');
    expect(await response.json()).toEqual({
      ...{ key: 'checkout.form', value: true, variant: 'on', reason: 'STATIC' },
      metadata: { version: 7, revision: 1 },
    });
    expect(counter.counts()).toEqual({ total: 1, byVersion: [[7, 1]] });
  });

  it('are answered together, and say where to hear of changes', async () => {
    const { call } = await ready();
    const response = await call(ALL, ask);
    const { flags, eventStreams, metadata } = (await response.json()) as Bulk;
    expect(flags.map(({ key }) => key)).toEqual(['checkout.form', 'pricing.bundle']);
    expect(eventStreams).toEqual([
      { type: 'sse', endpoint: { requestUri: expect.stringMatching(/^\/ofrep\/v1\/events\/[\w-]{43}$/) } },
    ]);
    expect(metadata).toEqual({ version: 7 });
    const again = await call(ALL, { ...ask, headers: { 'if-none-match': response.headers.get('etag')! } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('I8: expose whom they are for, under a pseudonym, to ingest, which nobody else would tell', async () => {
    const beacons: Beacon[] = [];
    const emitter = createClientEmitter({
      ...{ url: 'https://ingest.example', key: 'relay', unitKey: UNIT_KEY, region: 'eu-west-1' },
      async fetch(_, { body }) {
        const bytes = body as string | Uint8Array<ArrayBuffer>;
        beacons.push(JSON.parse(typeof bytes === 'string' ? bytes : gunzipSync(bytes).toString()) as Beacon);
        return Response.json({ accepted: 1, rejected: [] }, { status: 202 });
      },
    });
    const { call, counter } = await ready({ emitter });
    await call(ONE, { ...ask, key: 'client' });
    await call(ONE, ask);
    await call(ALL, ask);
    await call(ONE, { ...ask, body: JSON.stringify({ context: {} }) });
    expect(await emitter.close(5_000)).toBe(true);
    const unit = createPseudonymiser(UNIT_KEY)('user', 'anna');
    expect(beacons.flatMap(({ events }) => events)).toEqual([
      {
        ...{ flag: 'checkout.form', revision: 1, variation: 'on', unit, reason: 'STATIC', version: 7 },
        ...{ region: 'eu-west-1', cloud: 'aws', time: expect.any(Number) },
      },
    ]);
    expect(beacons.at(-1)).toMatchObject({ region: 'eu-west-1', ledger: { evaluated: 5, exposed: 1 } });
    expect(JSON.stringify(beacons)).not.toContain('anna');
    expect(counter.counts().total).toBe(5);
  });

  it('B24: show clients what they may see alone', async () => {
    const { call } = await ready();
    const { flags } = (await (await call(ALL, { ...ask, key: 'client' })).json()) as Bulk;
    expect(flags.map(({ key }) => key)).toEqual(['checkout.form']);
    expect((await call('/ofrep/v1/evaluate/flags/pricing.bundle', { ...ask, key: 'client' })).status).toBe(404);
  });

  it('R22, B11: go on where home is silent, and say so', async () => {
    const { call, held } = await ready();
    held.clock.forward(86_400_000 * 3);
    const response = await call(ONE, ask);
    expect(await response.json()).toMatchObject({ value: true, reason: 'STALE', metadata: { freshReason: 'STATIC' } });
    expect((await call('/readyz', { key: '' })).status).toBe(200);
    const metrics = await (await call('/metrics')).text();
    expect(metrics).toContain('\nlockstep_relay_stale 1\n');
    expect(metrics).toContain('\nlockstep_relay_expired 1\n');
    expect(metrics.startsWith('# HELP lockstep_relay_staleness_age_seconds')).toBe(true);
    expect(metrics).toContain('\nlockstep_relay_staleness_age_seconds 259200\n');
  });

  it('R17: are defaults where there never was a ruleset', async () => {
    const bundled = new Map([['checkout.form', { variation: 'off', value: false, visibility: 'client' }]] as const);
    const { call } = await started({ named: { 'checkout.form': 'off', 'pricing.bundle': 'control' }, bundled });
    expect(await (await call(ONE, ask)).json()).toMatchObject({
      ...{ value: false, variant: 'off', reason: 'DEFAULT' },
      metadata: { version: 0, warning: 'NO_RULESET' },
    });
    // Its value is not known: the caller's own default applies.
    const other = await (await call('/ofrep/v1/evaluate/flags/pricing.bundle', ask)).json();
    expect(other).toEqual({
      key: 'pricing.bundle',
      reason: 'DEFAULT',
      metadata: { version: 0, warning: 'NO_RULESET' },
    });
    expect(await (await call('/v1/status')).json()).toMatchObject({
      ...{ source: 'offline-defaults', version: null, defaultsWithoutValue: ['pricing.bundle'] },
    });
    expect((await call('/readyz', { key: '' })).status).toBe(503);
  });

  it('are defaults where nothing stale is to be served, with the values that were last known', async () => {
    const { call, held } = await ready({
      staleIfError: false,
      named: { 'pricing.bundle': 'v2', 'checkout.form': 'off' },
    });
    expect(await (await call(ONE, ask)).json()).toMatchObject({ value: true, reason: 'STATIC' });
    held.clock.forward(60_001);
    expect(await (await call(ONE, ask)).json()).toMatchObject({ value: false, reason: 'DEFAULT' });
    expect(await (await call('/ofrep/v1/evaluate/flags/pricing.bundle', ask)).json()).toMatchObject({ value: 'new' });
    held.rulesets.confirm(7);
    expect(await (await call(ONE, ask)).json()).toMatchObject({ value: true, reason: 'STATIC' });
  });

  it.each<[string, string, RequestInit & { key?: string }, number]>([
    ['no key', ONE, { ...ask, key: '' }, 401],
    ['a made-up key', ONE, { ...ask, key: 'other' }, 401],
    ['another method', ONE, {}, 405],
    ['a flag that there is not', `${ALL}/no.flag`, ask, 404],
    ['a key that cannot be decoded', `${ALL}/%ff`, ask, 404],
    ['no flag at all', `${ALL}/`, ask, 404],
    ['another path of OFREP', '/ofrep/v2/evaluate', ask, 404],
    ['a body that is no JSON', ONE, { method: 'POST', body: '{' }, 400],
    ['a body without a context', ONE, { method: 'POST', body: '{}' }, 400],
    ['a body that is too large', ONE, { method: 'POST', body: `"${'x'.repeat(100_000)}"` }, 400],
    ['a body that nests too deep', ONE, { method: 'POST', body: '['.repeat(64) + ']'.repeat(64) }, 400],
    ['B49: a key in the query', `${ONE}?key=server`, ask, 400],
  ])('are refused with %s', async (_, path, init, status) => {
    const { call } = await ready();
    const response = await call(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json$/);
    expect((await call(ONE, ask)).status).toBe(200);
  });

  it('are nothing to whoever breaks off, and nothing that the log has to tell', async () => {
    const { url, call, logged } = await ready();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write(
        `POST ${ONE} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer server\r\ncontent-length: 99\r\n\r\n{`,
        () => resolve(),
      );
    });
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.resetAndDestroy();
    await gone;
    expect((await call(ONE, ask)).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('decode keys of flags as they are sent', async () => {
    const { call } = await ready();
    expect((await call(`${ALL}/checkout%2Eform`, ask)).status).toBe(200);
  });

  it('may be asked for by pages of the origins that are allowed, with client keys', async () => {
    const { call } = await ready({ allowedOrigins: ['https://www.example.com'] });
    const origin = 'https://www.example.com';
    const preflight = await call(ONE, {
      method: 'OPTIONS',
      key: '',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const asked = (key: string, from: string) => call(ONE, { ...ask, key, headers: { origin: from } });
    const allowedOf = async (answer: Promise<Response>) => (await answer).headers.get('access-control-allow-origin');
    expect(await allowedOf(asked('client', origin))).toBe(origin);
    expect(await allowedOf(asked('server', origin))).toBeNull();
    expect(await allowedOf(asked('client', 'https://elsewhere.example'))).toBeNull();
  });

  it('B19: go by the keys of the settings until there is a keys document, and by that from then on', async () => {
    const { call, held, relay } = await ready();
    await held.issue([keyEntry('issued', { n: ['pricing'] })], 1);
    relay.keysApplied();
    expect((await call(ONE, ask)).status).toBe(401);
    expect((await call(ONE, { ...ask, key: 'issued' })).status).toBe(404);
    expect((await call('/ofrep/v1/evaluate/flags/pricing.bundle', { ...ask, key: 'issued' })).status).toBe(200);
  });

  it('wait for whoever cannot know which keys there are', async () => {
    const { call } = await ready({ noKeys: true });
    const response = await call(ONE, ask);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });
});
