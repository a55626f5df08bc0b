import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanetKeys } from '../../scripts/planet/keys.ts';
import { copyFlags, type FlagsCopy } from './fixtures/flags-copy.ts';
import { endPlanets, newState } from './fixtures/planet.ts';
import { type Finished, lockstep, STACK } from './fixtures/processes.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';

let planet: SharedPlanet;
let flags: FlagsCopy;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await sharedPlanet();
});
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

const url = (path: string): string => `${planet.file.urls['planet']}${path}`;

const order = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url('/planet/faults'), { method: 'POST', body, headers });

const faults = async (): Promise<unknown> =>
  ((await (await fetch(url('/planet/faults'))).json()) as { readonly faults: unknown }).faults;

const run = (...args: string[]): Promise<Finished> => lockstep(args, { env: { LOCKSTEP_STATE: planet.state } });

describe("the planet's faults over HTTP", () => {
  it.each<[string, string, RegExp]>([
    ['no JSON', 'cut edge-dub', /JSON object/],
    ['no object', '[]', /"link", "fault"/],
    ['JSON that nests', '{"link":{"a":{"b":1}}}', /JSON object/],
    ['a body of 5 KB', JSON.stringify({ link: 'x'.repeat(5_000), fault: 'cut' }), /at most 4096 bytes/],
    ['no fault', '{"link":"edge-dub"}', /"delay" \(ms\) \| "drop" \(share\)/],
    ['a fault that there is not', '{"link":"edge-dub","fault":"melt"}', /"cut"/],
    ['a link that there is not', '{"link":"edge-dub/publisher","fault":"cut"}', /edge-dub\/kv/],
    ['a process that there is not', '{"link":"edge-gru","fault":"restart"}', /edge-iad, edge-dub, edge-sin, edge-ams/],
    ['a network that there is not', '{"link":"publisher/edgekv-sandbox","fault":"cut"}', /publisher\/edgekv-staging/],
    ['a restart of a link', '{"link":"edge-dub/kv","fault":"restart"}', /processes: edge-iad/],
    ['a delay without a length', '{"link":"edge-dub","fault":"delay"}', /ms/],
    ['a delay of less than nothing', '{"link":"edge-dub","fault":"delay","ms":-1}', /ms/],
    ['a share above one', '{"link":"edge-dub","fault":"drop","share":1.5}', /share/],
    ['a share of nothing', '{"link":"edge-dub","fault":"drop","share":0}', /share/],
    ['a lag of what is no store', '{"link":"edge-dub/ingest","fault":"lag","ms":5}', /no "edge-dub\/ingest" to lag/],
    ['a member that there is not', '{"link":"edge-dub","fault":"cut","force":true}', /force/],
    ['a prototype', '{"link":"__proto__","fault":"cut"}', /no "__proto__" to cut/],
  ])('B43: refuse %s, and say what is allowed', async (_, body, told) => {
    const response = await order(body);
    const problem = (await response.json()) as { readonly detail: string };
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(problem.detail).toMatch(told);
    expect(problem.detail).not.toMatch(STACK);
    expect(await faults()).toEqual([]);
  });

  it('are set, listed, replaced, and healed one by one or all', async () => {
    expect(await (await order('{"link":"edge-dub","fault":"cut"}')).json()).toEqual({
      link: 'edge-dub',
      fault: 'cut',
      on: ['edge-dub/stream', 'edge-dub/kv', 'edge-dub/ingest'],
    });
    await order('{"link":"edge-iad/kv","fault":"delay","ms":10}');
    await order('{"link":"edge-iad/kv","fault":"delay","ms":20}');
    const [delay, stream, kv, ingest] = [
      { link: 'edge-iad/kv', fault: 'delay', ms: 20 },
      ...['stream', 'kv', 'ingest'].map((to) => ({ link: `edge-dub/${to}`, fault: 'cut' })),
    ];
    expect(await faults()).toEqual([delay, stream, kv, ingest]);
    expect((await fetch(url('/planet/faults/edge-dub/kv'), { method: 'DELETE' })).status).toBe(200);
    expect(await faults()).toEqual([delay, stream, ingest]);
    expect((await fetch(url('/planet/faults/edge-gru'), { method: 'DELETE' })).status).toBe(400);
    expect((await fetch(url('/planet/faults'), { method: 'DELETE' })).status).toBe(200);
    expect(await faults()).toEqual([]);
  });

  it('have no other method and no other route', async () => {
    const put = await fetch(url('/planet/faults'), { method: 'PUT', body: '{}' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE']);
    for (const path of [
      '/planet',
      '/planet/keys',
      '/keys.json',
      '/page.ts',
      '/../keys.json',
      '//planet.json',
      '/%2e%2e/x',
    ])
      expect([path, (await fetch(url(path))).status]).toEqual([path, 404]);
  });
});

/** With a Host of one's own, which `fetch` does not allow. */
const statusWith = (headers: Record<string, string>, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url('/planet/faults'), { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });

describe('a page of another origin', () => {
  it.each<[string, Record<string, string>]>([
    ['whose name was made to resolve to this machine', { host: 'planet.attacker.example' }],
    ['whose name begins like this machine', { host: '127.0.0.1.attacker.example' }],
    ['that posts across origins', { origin: 'https://attacker.example' }],
    ['of another server of this machine', { origin: 'http://127.0.0.1:1' }],
    ['that has no origin to name', { origin: 'null' }],
  ])('B48: reads and changes nothing: one %s', async (_, headers) => {
    expect([await statusWith(headers), await statusWith(headers, 'DELETE')]).toEqual([403, 403]);
  });

  it('is told of no permission to read, whoever asks', async () => {
    const own = new URL(url('/')).origin;
    expect([await statusWith({ origin: own }), await statusWith({ host: 'localhost:80' })]).toEqual([200, 200]);
    const response = await fetch(url('/planet/status'), { headers: { origin: own } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('finds no key, anywhere that the planet answers', async () => {
    const { edgeGrid } = JSON.parse(await readFile(join(planet.state, 'keys.json'), 'utf8')) as PlanetKeys;
    const keys = [...Object.values(planet.file.keys), edgeGrid.clientSecret, edgeGrid.accessToken];
    for (const path of ['/', '/page.js', '/planet/status', '/planet/faults']) {
      const text = await (await fetch(url(path))).text();
      for (const key of keys) expect(text).not.toContain(key);
    }
  });
});

describe('lockstep planet', () => {
  it('shows the planet as a table and as JSON', async () => {
    const { code, stdout } = await run('planet', 'status');
    expect(code).toBe(0);
    for (const row of [
      /^POP +cloud +region +version +age/m,
      /^dub +cloudflare +eu-west-1 +1 .* fresh/m,
      /^nrt +akamai +ap-northeast +1 .* fresh/m,
      /^relay-azure +azure +northeurope +1 .* fresh/m,
      /^booking-gcp +gcp +asia-southeast1 +1 .* fresh/m,
      /^stream +version 1, (?:not )?in force everywhere/m,
      /^control +2 entries in the log, [012] signed$/m,
      /^publisher +version 1$/m,
      /^kv +written, version 1$/m,
      /^edgekv-production\/marketplace +(?:written|pending), version /m,
    ])
      expect(stdout).toMatch(row);
    const asJson = JSON.parse((await run('planet', 'status', '--json')).stdout) as { pops: unknown[] };
    expect(asJson.pops).toHaveLength(5);
  });

  it('hurts links and heals them', async () => {
    expect(await run('planet', 'fault', 'edge-dub', 'drop', '--share', '0.25', '--for', '60000')).toMatchObject({
      code: 0,
      stdout: 'drop: edge-dub/stream, edge-dub/kv, edge-dub/ingest for 60000 ms\n',
    });
    expect((await run('planet', 'status')).stdout).toMatch(/^edge-dub\/kv +drops 25 %/m);
    expect(await run('planet', 'heal', 'edge-dub')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^healed: /),
    });
    expect(await run('planet', 'heal')).toMatchObject({ code: 0, stdout: 'every link is whole\n' });
    expect(await faults()).toEqual([]);
  });

  it.each<[string, string[], RegExp]>([
    ['a link that there is not', ['planet', 'fault', 'edge-gru', 'cut'], /edge-iad/],
    ['a fault that there is not', ['planet', 'fault', 'edge-dub', 'melt'], /"cut"/],
    ['a length that is no number', ['planet', 'fault', 'edge-dub', 'delay', '--ms', 'long'], /--ms/],
    ['nothing to return', ['rollback', '--reason', 'why not'], /which --version/],
    ['a return without a reason', ['rollback', 'pricing.fareBundlingV2'], /--reason/],
    ['to watch what there is not', ['dev', '/no/such/folder'], /no such file or folder/],
    ['a confirmation that there is not', ['publish', '--confirm', 'all'], /size and emptied/],
  ])('refuses %s in words', async (_, args, told) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code === 0, stdout, stderr]).toEqual([false, '', expect.stringMatching(told)]);
    expect(stderr).not.toMatch(STACK);
  });

  it('says so where no planet runs', async () => {
    const env = { LOCKSTEP_STATE: await newState() };
    for (const args of [
      ['planet', 'status'],
      ['planet', 'fault', 'kv', 'cut'],
      ['planet', 'heal'],
      ['dev', flags.path],
    ]) {
      expect(await lockstep(args, { env })).toMatchObject({ code: 1, stderr: 'no planet is running: npm start\n' });
    }
  });

  it('explains each command', async () => {
    for (const args of [['planet', 'fault'], ['dev'], ['rollback'], ['defaults']])
      expect(await run(...args, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Usage: lockstep/),
      });
  });
});

describe('lockstep defaults', () => {
  it('gives the offline default of every flag that has one, declared or not', async () => {
    const { code, stdout } = await run('defaults', flags.path);
    const defaults = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(0);
    // `mobile.pushQuietHours` serves nothing where it is off.
    expect(Object.keys(defaults)).toHaveLength(34);
    expect(defaults).toMatchObject({
      'pricing.fareBundlingV2': { variation: 'control', value: 'control', visibility: 'client' },
      'checkout.retryBudget': { variation: 'one', value: 1, visibility: 'server' },
      'auth.riskChecks': { variation: 'on', value: true, visibility: 'server' },
    });
  });
});
