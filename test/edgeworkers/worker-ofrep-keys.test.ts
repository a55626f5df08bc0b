/** SDK keys that are issued and revoked, at the EdgeWorker for OFREP: on the built bundle, in the harness. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { KeyEntry } from '#ruleset/decode-key';
import { keysEnvironment } from '#ruleset/keys-environment';
import { keyLines } from '#ruleset/write/key-line';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { createSigner } from '../unit/fixtures/signing.ts';
import { FLAG, hash, KEYS, POP, readerOfMarketplace } from './fixtures/deployed.ts';
import { bearer, createPops, type ServedPop, USER } from './fixtures/pop.ts';

const { served: started, stop } = createPops();
afterAll(stop);

const ISSUED = 'ls_server_issued';
const OTHER = 'ls_client_issued';
/** `workers/akamai/pop-keys.ts` */
const BOUND_MS = 20_000;
const REVALIDATE_MS = 10_000;
const EDGEKV_DELAY_MS = 10_000;

const issued = (more: Partial<KeyEntry> = {}): KeyEntry => ({
  ...{ k: hash(ISSUED), t: 'server', s: 'search', n: ['*'] },
  ...more,
});
const clients = (more: Partial<KeyEntry> = {}): KeyEntry => issued({ k: hash(OTHER), t: 'client', ...more });

const pops: ServedPop[] = [];
async function served(options: Parameters<typeof started>[0] = {}): Promise<ServedPop> {
  const pop = await started({ instances: 'reused', ...options });
  await pop.publish(7);
  pops.push(pop);
  return pop;
}

/** No event of any of them was over a limit of the Basic tier, or asked for more than its view and the keys. */
afterEach(() => {
  for (const { reports } of pops.splice(0)) {
    for (const { status, excesses, subRequests } of reports) {
      expect([status, excesses]).toEqual(['Success', []]);
      expect(subRequests.length).toBeLessThanOrEqual(2);
    }
  }
});

const ask = (pop: ServedPop, key: string, route = `${BULK}/${FLAG}`, headers: Record<string, string> = {}) =>
  fetch(`${pop.url}${route}`, {
    method: 'POST',
    headers: { ...bearer(key), ...headers },
    body: JSON.stringify({ context: USER }),
  });
const asks = async (...asked: Parameters<typeof ask>): Promise<number> => {
  const response = await ask(...asked);
  await response.body?.cancel();
  return response.status;
};
const statusWith = async (pop: ServedPop, key: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${pop.url}/v1/status`, { headers: bearer(key) })).json()) as Record<string, unknown>;

const seen = async (pop: ServedPop, key: string): Promise<string[]> => {
  const { flags } = (await (await ask(pop, key, BULK)).json()) as {
    readonly flags: readonly { readonly key: string }[];
  };
  return flags.map((flag) => flag.key);
};

describe.each(FLAVOURS)('B49: a revoked key, flavour %s', (flavour) => {
  it('is admitted until then, and refused by the first event after the bound, behind an EdgeKV that takes its ten seconds', async () => {
    const pop = await served({ flavour, maxDelayMs: EDGEKV_DELAY_MS });
    await pop.issue([issued(), clients()], 1);
    pop.forward(EDGEKV_DELAY_MS);
    expect([await asks(pop, ISSUED), await asks(pop, OTHER), await asks(pop, 'ls_server_unknown')]).toEqual([
      200, 200, 401,
    ]);
    await pop.issue([clients()], 2);
    pop.forward(EDGEKV_DELAY_MS + BOUND_MS + 1);
    expect([await asks(pop, ISSUED), await asks(pop, OTHER)]).toEqual([401, 200]);
  });

  it('is refused once somebody asked after ten seconds, whoever that was', async () => {
    const pop = await served({ flavour });
    await pop.issue([issued()], 1);
    expect(await asks(pop, ISSUED)).toBe(200);
    await pop.issue([clients()], 2);
    pop.forward(REVALIDATE_MS);
    expect(await asks(pop, ISSUED)).toBe(200);
    pop.forward(1);
    expect(await asks(pop, 'ls_server_unknown')).toBe(401);
    expect(await asks(pop, ISSUED)).toBe(401);
  });
});

describe('the keys document', () => {
  it('is read with the view by the first event, and by none of the next ten seconds', async () => {
    const pop = await served({ settings: { REVALIDATE_AFTER_MS: '60000' } });
    await pop.issue([issued()], 1);
    for (let at = 0; at < 5; at++) {
      expect(await asks(pop, ISSUED)).toBe(200);
      pop.forward(2_000);
    }
    expect(pop.reports.map(({ subRequests }) => subRequests.length)).toEqual([2, 0, 0, 0, 0]);
  });

  it('has keys end by the clock', async () => {
    const pop = await served();
    await pop.issue([issued({ e: pop.now() + 5_000 })], 1);
    expect(await asks(pop, ISSUED)).toBe(200);
    pop.forward(5_000);
    expect(await asks(pop, ISSUED)).toBe(401);
  });

  it('B10, B51: is not followed by an older one, nor by one of a stranger, of other things, cut short, or none at all', async () => {
    const pop = await served();
    await pop.issue([clients()], 2);
    expect([await asks(pop, OTHER), await asks(pop, ISSUED)]).toEqual([200, 401]);
    const stranger = await createSigner('key-2');
    const lines = keyLines([issued()]);
    const bad = [
      await pop.sign(1, lines, keysEnvironment('production')),
      await stranger.sign(lines, { version: 3, env: keysEnvironment('production') }),
      await pop.sign(3, lines),
      (await pop.sign(3, lines, keysEnvironment('production'))).slice(0, -1),
      'garbage',
      undefined,
    ];
    for (const text of bad) {
      pop.putKeys(text);
      pop.forward(BOUND_MS + 1);
      expect([await asks(pop, OTHER), await asks(pop, ISSUED)]).toEqual([200, 401]);
    }
  });

  it('is told of by the status', async () => {
    const pop = await served();
    await pop.issue([issued()], 3);
    const status = await statusWith(pop, ISSUED);
    const ofSource = ['ageMs', 'digest', 'expired', 'flapping', 'lastFault', 'lastRefusal', 'refusals', 'stale'];
    expect(status).toMatchObject({
      version: 7,
      view: 'pricing',
      keys: { source: 'document', version: 3, stale: false },
    });
    // What is undefined is not in JSON.
    for (const name of Object.keys(status['keys'] as object)) {
      expect([...ofSource, 'source', 'storeErrors', 'version']).toContain(name);
    }
    expect(Object.keys(status['keys'] as object)).toEqual(expect.arrayContaining(['ageMs', 'digest', 'refusals']));
  });
});

describe('B24: a key for one namespace', () => {
  it('sees no other flag, nor what is not for clients where it is a client’s', async () => {
    const pop = await served({ instances: 'mixed' });
    await pop.issue([issued({ n: ['Search'] }), clients({ n: ['pricing'] })], 1);
    const reader = readerOfMarketplace(7);
    const inNamespace = (name: string) => reader.flagKeys().filter((key) => key.startsWith(`${name}.`));
    expect(await seen(pop, ISSUED)).toEqual(inNamespace('search'));
    const forClients = inNamespace('pricing').filter((key) => reader.line(key)?.includes('"n":1'));
    expect(await seen(pop, OTHER)).toEqual(forClients);
    expect([await asks(pop, ISSUED), await asks(pop, ISSUED, `${BULK}/${inNamespace('search')[0]}`)]).toEqual([
      404, 200,
    ]);
    expect((await fetch(`${pop.url}/v1/status`, { headers: bearer(OTHER) })).status).toBe(403);
  });

  it('has an ETag of its own', async () => {
    const pop = await served();
    await pop.issue([issued(), issued({ k: hash(OTHER), n: ['pricing'] })], 1);
    const all = (await ask(pop, ISSUED, BULK)).headers.get('etag') as string;
    expect(await asks(pop, ISSUED, BULK, { 'if-none-match': all })).toBe(304);
    expect(await asks(pop, OTHER, BULK, { 'if-none-match': all })).toBe(200);
  });
});

describe('where there is no keys document', () => {
  it('the settings’ keys count, others are refused, and EdgeKV is asked again after ten seconds', async () => {
    const pop = await served({ settings: { REVALIDATE_AFTER_MS: '60000' } });
    for (let at = 0; at < 5; at++) {
      expect([await asks(pop, KEYS.server), await asks(pop, ISSUED)]).toEqual([200, 401]);
      pop.forward(2_000);
    }
    const reads = pop.reports.reduce((sum, { subRequests }) => sum + subRequests.length, 0);
    expect(reads).toBe(2);
    expect((await statusWith(pop, KEYS.server))['keys']).toMatchObject({ source: 'settings', version: null });
    await pop.issue([issued()], 1);
    pop.forward(1);
    expect([await asks(pop, ISSUED), await asks(pop, KEYS.server)]).toEqual([200, 401]);
  });

  it('and then is one, the deployment’s own go on beside it', async () => {
    const own = [{ sha256: hash(KEYS.server), kind: 'server', own: true }];
    const pop = await served({ settings: { SDK_KEYS: JSON.stringify(own) } });
    await pop.issue([issued()], 1);
    expect([await asks(pop, ISSUED), await asks(pop, KEYS.server)]).toEqual([200, 200]);
  });
});

describe('I3: a dark EdgeKV', () => {
  it.each(['status', 'hang', 'cut', 'truncate'] as const)(
    'by "%s": keys that are held go on, and the status tells',
    async (fault) => {
      const pop = await served();
      await pop.issue([issued()], 1);
      expect(await asks(pop, ISSUED)).toBe(200);
      pop.edgeKv.faults.set(POP, fault === 'status' ? { fault, status: 500 } : { fault });
      pop.forward(3_600_000);
      expect([await asks(pop, ISSUED), await asks(pop, 'ls_server_unknown')]).toEqual([200, 401]);
      expect((await statusWith(pop, ISSUED))['keys']).toMatchObject({ source: 'document', version: 1, stale: true });
    },
  );

  it('from the start on: the settings’ keys count, and others are told to ask again', async () => {
    const pop = await served();
    await pop.issue([issued()], 1);
    pop.edgeKv.faults.set(POP, { fault: 'status', status: 500 });
    expect(await asks(pop, KEYS.server)).toBe(200);
    const response = await ask(pop, ISSUED);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ status: 503, detail: expect.stringContaining('ask again') });
    pop.edgeKv.faults.heal(POP);
    pop.forward(1_001);
    expect(await asks(pop, ISSUED)).toBe(200);
  });
});
