import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WriteAnswer } from '../../scripts/cli/control/answers.ts';
import { type ControlClient, createControlClient, pathOf } from '../../scripts/cli/control-client.ts';
import { placeOfPlanet } from '../../scripts/cli/control-place.ts';
import { standingIn, standingOf, untilPublished } from '../../scripts/cli/control-standing.ts';
import { publisherOf } from '../../scripts/cli/publisher.ts';
import type { PersonName } from '../../scripts/planet/people.ts';
import { type Listening, listen } from '../unit/relay/fixtures/listening.ts';
import { decisionAt, edgeUrl } from './fixtures/decisions.ts';
import { heal, hurt, statusOf } from './fixtures/faults.ts';
import { entriesOf, foldedLines } from './fixtures/folded-log.ts';
import { BULK } from './fixtures/ofrep-description.ts';
import { endPlanets, newState, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { lockstep } from './fixtures/processes.ts';

const POPS = ['iad', 'dub', 'sin', 'ams', 'nrt'];
const RELAYS = ['relay-aws', 'relay-azure', 'relay-gcp'];
const FARES = 'pricing.fareBundlingV2';
const INVOICES = 'billing.invoiceLayout';
const RANKING = 'search.rankingModel';

let planet: Planet;

beforeAll(async () => {
  planet = await startPlanet({ services: true });
});
afterEach(() => heal(planet));
afterAll(endPlanets);

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const as = (person: PersonName): ControlClient => createControlClient(placeOfPlanet(planet.file, person));

interface Shown {
  readonly revision: number;
  readonly body: { readonly fallthrough: { readonly split: { readonly weights: Record<string, number> } } };
}

const itemPath = (key: string): string => pathOf('environments', planet.file.environment, 'flags', key);

/** Gives a variation another share of a flag's fallthrough: the answer, or the problem. */
async function share(person: PersonName, key: string, weights: Record<string, number>, more: object = {}) {
  const { revision, body } = await as(person).must<Shown>({ path: itemPath(key) });
  const { split } = body.fallthrough;
  const fallthrough = { split: { ...split, weights: { ...split.weights, ...weights } } };
  const asked = await as(person).ask({
    ...{ method: 'PUT', path: itemPath(key), seen: revision },
    body: { body: { ...body, fallthrough }, justification: 'a test of the planet', ...more },
  });
  return asked.ok ? (asked.value.json() as WriteAnswer) : { problem: asked.error };
}

interface Waiting {
  readonly id: string;
  readonly hash: string;
}

/** The change request that an answer opened. */
function opened(answer: Awaited<ReturnType<typeof share>>): Waiting {
  expect(answer).toMatchObject({ status: 'open', request: { id: expect.any(String), hash: expect.any(String) } });
  return (answer as unknown as { readonly request: Waiting }).request;
}

async function approve(person: PersonName, { id, hash }: Waiting) {
  const path = pathOf('change-requests', id, 'approve');
  const asked = await as(person).ask({ method: 'POST', path, seen: hash, body: {} });
  return asked.ok ? (asked.value.json() as WriteAnswer) : { problem: asked.error };
}

const published = async (): Promise<number> =>
  (await untilPublished(as('admin'), planet.file.environment, 30_000)).version;

/** What the publisher says, which may be busy. */
const versionInForce = (): Promise<number> =>
  until('the publisher answers', async () => (await statusOf(planet)).publisher?.version ?? undefined);

/** Each POP answers for a flag with that version, and a decision that is the same at each. */
async function everywhere(key: string, version: number) {
  const decisions = await Promise.all(
    POPS.map((pop) =>
      until(`${pop} serves version ${version}`, async () => {
        const decision = await decisionAt(planet, pop, 'user-1', key);
        return decision.metadata['version'] === version ? decision : undefined;
      }),
    ),
  );
  expect(new Set(decisions.map(({ variant }) => variant)).size).toBe(1);
  return decisions[0];
}

const exported = async (): Promise<string> => {
  const file = join(await newState(), 'log.ndjson');
  const env = { LOCKSTEP_STATE: planet.state };
  expect(await lockstep(['audit', 'export', '--out', file], { env })).toMatchObject({ code: 0 });
  return file;
};

describe('I11: a change of pricing', () => {
  let request: Waiting;

  it('waits for a second person, and serves nobody meanwhile', async () => {
    request = opened(await share('pricing-on-call-1', FARES, { v2: 100 }));
    expect(await versionInForce()).toBe(1);
  });

  it.each<[PersonName, string]>([
    ['pricing-on-call-1', 'own-change'],
    ['editor', 'no-approver'],
    ['billing-on-call', 'no-approver'],
  ])('is not approved by %s, who is told why: 403', async (person, code) => {
    expect(await approve(person, request)).toMatchObject({ problem: { status: 403, code } });
  });

  it('is in force at all five POPs once that person approves', async () => {
    expect(await approve('pricing-on-call-2', request)).toMatchObject({ status: 'applied', frozen: [] });
    const version = await published();
    expect(version).toBe(2);
    expect(await everywhere(FARES, version)).toMatchObject({ variant: 'v2' });
  });
});

describe('I11: a change of billing', () => {
  it.each([
    ['without a ticket', {}],
    ['with one that is closed', { ticket: 'CHG0030002' }],
    ['with one that nobody knows', { ticket: 'CHG0030099' }],
  ])('is refused %s', async (_, more) => {
    const answer = await share('billing-on-call', INVOICES, { compact: 30 }, more);
    expect(answer).toMatchObject({ problem: { code: 'ticket' } });
    expect(await versionInForce()).toBe(2);
  });

  it('goes with an open one and an approval', async () => {
    const request = opened(await share('billing-on-call', INVOICES, { compact: 30 }, { ticket: 'CHG0030001' }));
    expect(await approve('release-manager', request)).toMatchObject({ status: 'applied' });
    await everywhere(INVOICES, await published());
  });
});

describe('where nobody reaches the publisher', () => {
  it('config is frozen and says so, changes are kept, and go out once the way is whole', async () => {
    await hurt(planet, 'control/publisher', 'cut');
    const standing = () => standingIn(as('admin'), planet.file.environment);
    const { version: before } = await standing();
    expect(await share('editor', RANKING, { v8: 30 })).toMatchObject({ status: 'applied' });
    const frozen = await until('config is frozen', async () => {
      const now = await standingOf(as('admin'));
      return now.message === undefined ? undefined : now;
    });
    expect(frozen.message).toMatch(/^config is frozen in marketplace-production/);
    expect(frozen.environments).toMatchObject([{ version: before, frozen: true }]);
    for (const v8 of [35, 40]) {
      expect(await share('editor', RANKING, { v8 })).toMatchObject({
        status: 'applied',
        frozen: ['marketplace-production'],
        message: expect.stringMatching(/^config is frozen in marketplace-production/),
      });
    }
    expect((await decisionAt(planet, 'iad', 'user-1', RANKING)).metadata['version']).toBe(before);
    await heal(planet);
    await until('nothing waits', async () => ((await standing()).waiting === undefined ? true : undefined), 90_000);
    // What was tried goes out as it was, and what came behind it as one.
    expect(await standing()).toMatchObject({ version: before + 2, frozen: false });
    await everywhere(RANKING, before + 2);
  }, 300_000);
});

describe('I5, I10: a return at the publisher', () => {
  it('is in the log before the next publish, which does not undo it', async () => {
    const reason = 'two prices in one session';
    const returned = await publisherOf(planet.file, 'breakGlass').goBack({ flags: [FARES], reason });
    expect(returned).toMatchObject({ ok: true, value: { changes: { [FARES]: 'return' } } });
    expect(await share('editor', RANKING, { v8: 45 })).toMatchObject({ status: 'applied' });
    const version = await published();
    expect(await everywhere(FARES, version)).toMatchObject({ variant: 'control' });
    const entries = entriesOf(await readFile(await exported(), 'utf8'));
    const imported = entries.findIndex(({ events }) => events.some(({ type }) => type === 'journal-imported'));
    expect(JSON.stringify(entries[imported])).toContain(reason);
    const later = entries.slice(imported).flatMap(({ events }) => events);
    expect(later).toContainEqual(expect.objectContaining({ type: 'published', version }));
    const { body } = await as('admin').must<Shown>({ path: itemPath(FARES) });
    expect(body.fallthrough.split.weights).toEqual({ v2: 5 });
  });
});

describe('B49: an SDK key that control issues', () => {
  const key = 'search-in-test';
  /** A stream carries every flag, and so must its key. */
  const streamsKey = 'streams-in-test';
  let secret: string;
  let streamsSecret: string;
  let streams: readonly Listening[];
  let start: number;

  const urlOf = (process: string): string => planet.file.urls[process] as string;
  const statusOfAnswer = async (url: string, init: RequestInit): Promise<number> => {
    const response = await fetch(url, init);
    await response.body?.cancel();
    return response.status;
  };
  const evaluatesAt = (url: string, sent: string): Promise<number> =>
    statusOfAnswer(`${url}${BULK}/${RANKING}`, {
      ...{ method: 'POST', headers: bearer(sent) },
      body: JSON.stringify({ context: { targetingKey: 'user-1' } }),
    });
  const statusAt = (pop: string, sent = secret): Promise<number> => evaluatesAt(edgeUrl(planet, pop), sent);
  const rulesetAt = (process: string, sent: string): Promise<number> =>
    statusOfAnswer(`${urlOf(process)}/v1/ruleset`, { headers: bearer(sent) });
  const statusAtIngest = (): Promise<number> =>
    statusOfAnswer(`${urlOf('ingest')}/v1/counts?limit=1`, { headers: bearer(secret) });
  const untilIs = (status: number, where: string, ask: () => Promise<number>) =>
    until(`${where} answers ${status}`, async () => ((await ask()) === status ? true : undefined), 60_000);
  const everywhereIs = (status: number) =>
    Promise.all([
      ...POPS.map((pop) => untilIs(status, pop, () => statusAt(pop))),
      ...RELAYS.map((relay) => untilIs(status, relay, () => evaluatesAt(urlOf(relay), secret))),
      ...[...RELAYS, 'stream'].map((process) =>
        untilIs(status, `${process}, for streams,`, () => rulesetAt(process, streamsSecret)),
      ),
    ]);

  const issue = async (named: string, namespace = 'search'): Promise<string> => {
    const body = {
      key: named,
      kind: 'server',
      // A service has one key.
      service: named,
      environment: planet.file.environment,
      namespaces: [namespace],
    };
    const path = pathOf('sdk-keys');
    const made = await as('admin').must<{ readonly secret: string }>({
      ...{ method: 'POST', path, body: { ...body, justification: 'a test of the planet' } },
    });
    return made.secret;
  };
  const untilListed = (named: string, use: () => Promise<unknown>): Promise<string> =>
    until(
      'the list tells of its use',
      async () => {
        await use();
        const { items } = await as('admin').must<{
          readonly items: readonly { readonly key: string; readonly lastUsedAt: string | null }[];
        }>({ path: pathOf('sdk-keys') });
        return items.find((one) => one.key === named)?.lastUsedAt ?? undefined;
      },
      120_000,
    );
  const expectMinuteSince = (time: string): void => {
    const [used, minute] = [Date.parse(time), 60_000];
    expect([used % minute, used >= start - (start % minute), used <= Date.now()]).toEqual([0, true, true]);
  };

  it('is listed with the minute of its last use where one of Akamai’s POPs, a relay or the stream alone saw it', async () => {
    start = Date.now();
    const seen: readonly (readonly [string, string, (sent: string) => Promise<number>])[] = [
      ['search-at-akamai', 'search', (sent) => statusAt('ams', sent)],
      ['search-at-relay', 'search', (sent) => evaluatesAt(urlOf('relay-azure'), sent)],
      ['all-at-stream', '*', (sent) => rulesetAt('stream', sent)],
    ];
    const listed = seen.map(async ([named, namespace, use]) => {
      const sent = await issue(named, namespace);
      await untilIs(200, named, () => use(sent));
      return untilListed(named, () => use(sent));
    });
    for (const time of await Promise.all(listed)) expectMinuteSince(time);
  }, 200_000);

  it('is taken at each POP, of both clouds, at each relay and at the stream', async () => {
    [secret, streamsSecret] = [await issue(key), await issue(streamsKey, '*')];
    await everywhereIs(200);
    const headers = { ...bearer(streamsSecret), 'lockstep-instance': 'control-planet-test' };
    streams = await Promise.all(['stream', ...RELAYS].map((process) => listen(`${urlOf(process)}/v1/stream`, headers)));
    expect(streams.map(({ response }) => response.status)).toEqual([200, 200, 200, 200]);
    await until('each stream tells what is in force', () =>
      streams.every(({ last }) => last('bookmark') !== undefined),
    );
  }, 300_000);

  it('is listed with the minute of its last use, as the POPs tell it', async () => {
    expectMinuteSince(await untilListed(key, async () => {}));
  }, 300_000);

  it('is taken by ingest', async () => {
    await untilIs(200, 'ingest', statusAtIngest);
  }, 300_000);

  it('is refused at each of them, and by ingest, and its streams end, within 60 s of being revoked; the planet’s own go on', async () => {
    expect(streams.some(({ isEnded }) => isEnded())).toBe(false);
    const revokedAt = Date.now();
    for (const one of [key, streamsKey]) {
      await as('admin').must({
        ...{ method: 'DELETE', path: pathOf('sdk-keys', one), seen: 1 },
        body: { justification: 'a test of the planet' },
      });
    }
    await Promise.all([
      ...[everywhereIs(401), untilIs(401, 'ingest', statusAtIngest)],
      until('the streams end', () => streams.every(({ isEnded }) => isEnded()), 60_000),
    ]);
    expect(Date.now() - revokedAt).toBeLessThan(60_000);
    expect(streams.map(({ last }) => last('closing'))).toEqual(
      Array(streams.length).fill(expect.objectContaining({ reason: 'revoked' })),
    );
    expect(await evaluatesAt(urlOf('relay-gcp'), planet.file.keys['server'] as string)).toBe(200);
    for (const pop of POPS) await decisionAt(planet, pop, 'user-1', RANKING);
  }, 300_000);
});

describe('the log', () => {
  it('I5: folded elsewhere comes to the very lines that the publisher has in force', async () => {
    const response = await fetch(`${planet.file.urls['publisher']}/v1/ruleset/lines`, {
      headers: { authorization: `Bearer ${planet.file.keys['publisher']}` },
    });
    const lines = await response.text();
    expect(lines.split('\n').length).toBeGreaterThan(40);
    expect(foldedLines(await readFile(await exported(), 'utf8'), planet.file.environment)).toBe(lines);
  });

  it('proves offline, by the key in the planet’s folder, who wanted a change, who approved it and what it was', async () => {
    await until(
      'all of it is signed',
      async () => {
        const { entries, signed } = await standingOf(as('admin'));
        return entries === signed;
      },
      90_000,
    );
    const file = await exported();
    const verify = async (path: string) => {
      const args = ['audit', 'verify', path, '--key', join(planet.state, 'audit.pub'), '--json'];
      // Where no planet runs.
      const { code, stdout } = await lockstep(args, { env: { LOCKSTEP_STATE: await newState() } });
      return { code, report: JSON.parse(stdout) as { readonly ok: boolean; readonly entries: number } };
    };
    const entries = entriesOf(await readFile(file, 'utf8'));
    expect(await verify(file)).toMatchObject({ code: 0, report: { ok: true, entries: entries.length } });
    const approved = entries.filter(({ action }) => action === 'change.approve+applied');
    expect(approved).toMatchObject([
      { actor: { person: 'pricing-on-call-2' }, approvals: [{ person: 'pricing-on-call-2' }] },
      { actor: { person: 'release-manager' }, ticket: 'CHG0030001', approvals: [{ person: 'release-manager' }] },
    ]);
    expect(entries[0]).toMatchObject({ action: 'organisation.found', actor: { person: 'admin' } });

    const forged = (await readFile(file, 'utf8')).replace('pricing-on-call-2', 'pricing-on-call-1');
    await writeFile(`${file}.forged`, forged);
    expect(await verify(`${file}.forged`)).toMatchObject({ code: 1, report: { ok: false } });
  }, 300_000);
});
