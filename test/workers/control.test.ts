/** An organisation in workerd: its storage, its alarm, and what goes through RPC. */
import { evictAllDurableObjects, reset, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ed25519Verifier } from '#control/audit/ed25519';
import { noteKey } from '#control/audit/note-key';
import { verifyExport } from '#control/audit/verify-export';
import { decodeBase64url } from '#core/base64url';
import { digestOfText } from '#ruleset/write/digest';
import { type Command, command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { nothingKnown } from '../../workers/control/order.ts';
import type { Organisation } from '../../workers/control/organisation.ts';
import { CHECKPOINT_KEY } from './fixtures/checkpoint-key.ts';
import { AUDIT_ORIGIN } from './fixtures/worker.ts';

/** The types of RPC take those of operations apart for ever. All methods give promises, so that its own are the same. */
interface Organisations {
  getByName(name: string): Organisation;
}
const organisations = (env as unknown as { readonly ORGANISATION: Organisations }).ORGANISATION;
const alarm = (organisation: Organisation): Promise<boolean> => runDurableObjectAlarm(organisation as never);

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const EVERYWHERE = { environments: ['*'], namespaces: ['*'], actions: ['*' as const] };
const admin: Principal = {
  id: 'sso:ada',
  person: 'ada',
  kind: 'person',
  roles: ['admin', 'editor'],
  scopes: EVERYWHERE,
};

const project = (key: string) => ({ op: 'put', kind: 'project', key, base: 0, body: { name: key } });
const founding = command.parse({
  type: 'found',
  operations: [
    { op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } },
    {
      ...{ op: 'put', kind: 'policy', key: 'all', base: 0 },
      body: {
        namespaces: ['*'],
        environments: ['*'],
        edit: ['editor'],
        approvals: { count: 0, roles: [] },
        ticket: false,
      },
    },
    {
      ...{ op: 'put', kind: 'segment', environment: 'production', key: 'staff', base: 0 },
      body: { description: 'S', included: ['s-1'] },
    },
    project('shop'),
  ],
  justification: 'To begin with.',
});
const more = (key: string): Command =>
  command.parse({ type: 'submit', change: { operations: [project(key)], justification: 'More.' } });

const asked = { tickets: [], persons: ['ada'], principals: [admin.id] };
const order = (what: Command, key?: string) => ({
  ...{ command: what, actor: admin, via: 'test', known: { ...nothingKnown, asked } },
  ...(key !== undefined && { key }),
});

/** Publishers are dark but for what the test answers in their place. */
const publisher = (answer: () => Response = () => new Response('', { status: 503 })) =>
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answer());

/** An alarm waits for what it began for a second alone. */
const untilSigned = (organisation: Organisation, entries: number): Promise<void> =>
  vi.waitFor(async () => expect(await organisation.status()).toMatchObject({ entries, signed: entries }), 20_000);

const verifierOf = (name: string) => {
  const key = noteKey(`${AUDIT_ORIGIN}/${name}`, decodeBase64url(CHECKPOINT_KEY.x) ?? new Uint8Array());
  return ed25519Verifier(crypto.subtle, key);
};

describe('an organisation', () => {
  it('keeps its log, its state, its outbox and its keys over an eviction, and signs at its alarm', async () => {
    publisher();
    const organisation = organisations.getByName('marketplace');
    expect(await organisation.execute(order(founding))).toMatchObject({ ok: true, value: { seq: 0, frozen: [] } });
    const first = await organisation.execute(order(more('second'), 'k-1'));
    expect(first).toMatchObject({ ok: true, value: { seq: 1 } });
    await evictAllDurableObjects();
    expect(await organisation.execute(order(more('second'), 'k-1'))).toMatchObject({ ok: true, value: { seq: 1 } });
    expect(await organisation.execute(order(more('second')))).toMatchObject({ ok: false, error: { code: 'stale' } });
    expect(await organisation.execute(order(more('third')))).toMatchObject({
      ok: true,
      value: { seq: 2, frozen: ['production'] },
    });
    expect(await alarm(organisation)).toBe(true);
    await untilSigned(organisation, 3);
    expect(await organisation.status()).toMatchObject({
      ...{ entries: 3, signed: 3 },
      environments: [
        { environment: 'production', generation: 1, version: 0, frozen: true, waiting: { trouble: { kind: 'dark' } } },
      ],
    });
    const page = await organisation.log(0, 1_000);
    const text = page.ok ? page.value.lines : '';
    const report = await verifyExport([new TextEncoder().encode(text)], { verifiers: [verifierOf('marketplace')] });
    expect(report).toMatchObject({ ok: true, entries: 3, proven: 3 });
    expect(await organisation.inclusion(1, 3)).toMatchObject({ ok: true });
    expect(await organisation.consistency(1, 3)).toMatchObject({ ok: true });
    expect(await organisation.consistency(1, 4)).toMatchObject({ ok: false });
  });

  it('publishes by itself once its publisher is there again', async () => {
    const requests: { url: string; key: string | null; body: { base: number; lines: string } }[] = [];
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      const request = input as Request;
      requests.push({
        ...{ url: request.url, key: request.headers.get('authorization') },
        body: await request.json(),
      });
      return new Response('', { status: 503 });
    });
    const organisation = organisations.getByName('marketplace');
    await organisation.execute(order(founding));
    await vi.waitFor(() => expect(requests).toHaveLength(1), 20_000);
    expect(requests).toMatchObject([
      { url: 'https://publisher.example/v1/ruleset', key: 'Bearer ls_publisher', body: { base: 0 } },
    ]);
    const digest = digestOfText(requests[0]!.body.lines.replaceAll('"r":0', '"r":1'));
    fetched.mockImplementation(async () => Response.json({ version: 1, published: true, digest }));
    await vi.waitFor(async () => {
      await alarm(organisation);
      expect((await organisation.status()).environments).toEqual([
        { environment: 'production', generation: 1, version: 1, frozen: false, keys: { version: 0 } },
      ]);
    }, 20_000);
    // What another life left unsigned is signed at once; then nothing is left to be called for.
    await evictAllDurableObjects();
    await alarm(organisation);
    await untilSigned(organisation, 2);
    await vi.waitFor(async () => expect(await alarm(organisation)).toBe(false), 20_000);
  });

  it('signs though its publisher never answers, and is called again meanwhile', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(() => new Promise(() => {}));
    const organisation = organisations.getByName('marketplace');
    await organisation.execute(order(founding));
    await alarm(organisation);
    await untilSigned(organisation, 1);
    expect(await alarm(organisation)).toBe(true);
  });

  it('knows nothing of another, and takes nobody who calls it for the control plane itself', async () => {
    publisher();
    await organisations.getByName('marketplace').execute(order(founding));
    const other = organisations.getByName('other');
    expect(await other.status()).toEqual({ entries: 0, signed: 0, environments: [] });
    const itself = { ...order(founding), actor: { kind: 'system', id: 'lockstep' } as unknown as Principal };
    expect(await other.execute(itself)).toEqual({ ok: false, error: { code: 'principals-only' } });
  });
});
