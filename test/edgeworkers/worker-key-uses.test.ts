/** What the EdgeWorker for OFREP tells ingest of the use of SDK keys: on the built bundle, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { wholeMinute } from '#exposure/key-uses';
import type { KeyEntry } from '#ruleset/decode-key';
import { envelope, keyUses } from '#schema/exposure';
import { FLAVOURS, type Flavour } from '../../scripts/akamai/bundle.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { until } from '../e2e/fixtures/poll.ts';
import { FLAG, hash, KEYS } from './fixtures/deployed.ts';
import { bearer, createPops, type ServedPop, USER } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

const [FIRST, SECOND] = ['ls_server_first', 'ls_server_second'] as const;
const INGEST = 'ingest.example.com';
const INGEST_KEY = 'ls_pop_of_the_test';
const PAUSE_MS = 60_000;
/** The deployment's own: of those nothing is told. */
const OWN = JSON.stringify([{ kind: 'server', sha256: hash(KEYS.server), own: true }]);

const issued = (key: string): KeyEntry => ({ k: hash(key), t: 'server', s: 'search', n: ['*'] });

/** A POP, and what ingest hears from it; `answer` is what that answers. */
async function telling(flavour: Flavour, answer: () => Promise<Response>) {
  const heard: { readonly path: string; readonly authorization: string | null; readonly body: unknown }[] = [];
  const pop = await served({
    flavour,
    instances: 'reused',
    settings: { INGEST_URL: `https://${INGEST}/v1/exposures`, INGEST_KEY, SDK_KEYS: OWN },
    hosts: {
      [INGEST]: async (request) => {
        const { pathname: path } = new URL(request.url);
        heard.push({ path, authorization: request.headers.get('authorization'), body: await request.json() });
        return answer();
      },
    },
  });
  await pop.publish(7);
  await pop.issue([issued(FIRST), issued(SECOND)], 1);
  return { pop, heard };
}

const taken = async (): Promise<Response> => Response.json({ accepted: 0, rejected: [] }, { status: 202 });

async function ask(pop: ServedPop, key: string): Promise<number> {
  const response = await fetch(`${pop.url}${BULK}/${FLAG}`, {
    ...{ method: 'POST', headers: bearer(key), body: JSON.stringify({ context: USER }) },
  });
  await response.body?.cancel();
  return response.status;
}

const usesIn = (body: unknown) => keyUses.parse(envelope.parse(body).uses);

describe.each(FLAVOURS)('the use of an issued key, flavour %s', (flavour) => {
  it('is told to ingest: the minute, by the hash of the key, and no more than once a minute', async () => {
    const { pop, heard } = await telling(flavour, taken);
    const minute = wholeMinute(pop.now());
    expect([await ask(pop, KEYS.server), await ask(pop, FIRST), await ask(pop, SECOND)]).toEqual([200, 200, 200]);
    await until('the first beacon', () => heard.length > 0);
    const [{ path, authorization, body } = { path: '', authorization: '', body: {} }] = heard;
    expect([path, authorization]).toEqual(['/v1/exposures', `Bearer ${INGEST_KEY}`]);
    expect(usesIn(body)).toEqual([[hash(FIRST), minute]]);
    expect(envelope.parse(body)).toMatchObject({ sentAt: pop.now(), events: [] });
    pop.forward(PAUSE_MS - 1);
    await ask(pop, SECOND);
    expect(heard).toHaveLength(1);
    pop.forward(1);
    await ask(pop, SECOND);
    await until('the second beacon', () => heard.length > 1);
    expect(new Map(usesIn(heard[1]?.body)).get(hash(SECOND))).toBe(wholeMinute(pop.now()));
    expect(JSON.stringify(heard)).not.toContain(hash(KEYS.server));
  });

  it.each<[string, () => Promise<Response>]>([
    ['says no', async () => new Response('no', { status: 503 })],
    ['cannot be reached', () => Promise.reject(new Error('no way there'))],
    ['says nothing', () => new Promise(() => {})],
  ])('costs no answer where ingest %s, and goes along with the next beacon', async (_, answer) => {
    const { pop, heard } = await telling(flavour, answer);
    const minute = wholeMinute(pop.now());
    expect(await ask(pop, FIRST)).toBe(200);
    await until('the first beacon', () => heard.length > 0);
    pop.forward(PAUSE_MS);
    expect(await ask(pop, SECOND)).toBe(200);
    await until('the second beacon', () => heard.length > 1);
    expect(usesIn(heard[1]?.body)).toEqual([
      [hash(FIRST), minute],
      [hash(SECOND), wholeMinute(pop.now())],
    ]);
    expect(pop.reports.map(({ status, excesses }) => [status, excesses])).toEqual([
      ['Success', []],
      ['Success', []],
    ]);
  });
});
