import { describe, expect, it } from 'vitest';
import { CommandError } from '../../../scripts/cli/command-error.ts';
import { type ControlClient, createControlClient, pathOf } from '../../../scripts/cli/control-client.ts';
import { ControlRefusal, ControlUnreachable } from '../../../scripts/cli/control-refusal.ts';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly redirect: RequestRedirect | undefined;
}

type Reply = Response | Error;

const place = { url: 'https://control.example/base', token: 'ls_shop.ana.secret', planet: false };

/** A client of a server that gives these answers, one after another. */
function clientOf(...replies: readonly Reply[]): { client: ControlClient; sent: Sent[]; slept: number[] } {
  const [sent, slept]: [Sent[], number[]] = [[], []];
  let keys = 0;
  const client = createControlClient(place, {
    async fetch(input, init) {
      const request = new Request(input as string, init);
      const { url, method, headers } = request;
      const reply = replies[sent.length];
      sent.push({ url, method, headers, body: await request.text(), redirect: init?.redirect });
      if (reply === undefined) throw new Error('asked too often');
      if (reply instanceof Error) throw reply;
      return reply;
    },
    sleep: async (milliseconds) => slept.push(milliseconds),
    random: () => 0.5,
    newKey: () => `key-${++keys}`,
  });
  return { client, sent, slept };
}

const broken = (): Error =>
  new TypeError('fetch failed', { cause: { code: 'ECONNRESET', message: 'read ECONNRESET' } });
const problem = (status: number, fields: object = {}, headers: Record<string, string> = {}): Response =>
  Response.json({ title: 'No', status, ...fields }, { status, headers });
const keysOf = (sent: readonly Sent[]): (string | null)[] => sent.map(({ headers }) => headers.get('idempotency-key'));

describe('what it sends', () => {
  it('asks with the token, and says that it is the command line', async () => {
    const { client, sent } = clientOf(Response.json({ items: [] }));
    expect(await client.must({ path: '/v1/projects', query: { q: 'a&b', limit: 5, all: undefined } })).toEqual({
      items: [],
    });
    const [one] = sent as [Sent];
    expect([one.method, one.url]).toEqual(['GET', 'https://control.example/base/v1/projects?q=a%26b&limit=5']);
    expect(Object.fromEntries(one.headers)).toEqual({
      authorization: 'Bearer ls_shop.ana.secret',
      accept: 'application/json, application/problem+json',
      'lockstep-via': 'cli',
    });
    expect(one.redirect).toBe('manual');
  });

  it.each([
    ['a revision', 3, { 'if-match': '"3"' }],
    ['a hash', 'abc', { 'if-match': '"abc"' }],
    ['nothing yet', 'new', { 'if-none-match': '*' }],
  ])('names what the caller saw: %s', async (_, seen, headers) => {
    const { client, sent } = clientOf(Response.json({}));
    await client.must({ method: 'PUT', path: '/v1/projects/shop', body: { name: 'Shop' }, seen });
    expect(Object.fromEntries((sent[0] as Sent).headers)).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
      ...headers,
    });
  });

  it('patches with a merge patch', async () => {
    const { client, sent } = clientOf(Response.json({}));
    await client.must({ method: 'PATCH', path: '/v1/x', body: { enabled: true }, seen: 1 });
    const [{ headers, body }] = sent as [Sent];
    expect([headers.get('content-type'), body]).toEqual(['application/merge-patch+json', '{"enabled":true}']);
  });

  it('B42: encodes names in paths, and takes none that would lead elsewhere', () => {
    expect(pathOf('projects', 'a/../b?c#d%')).toBe('/v1/projects/a%2F..%2Fb%3Fc%23d%25');
    for (const name of ['', '.', '..']) expect(() => pathOf('projects', name)).toThrow(CommandError);
  });
});

describe('an answer that was lost', () => {
  it('has a write sent again with the same key', async () => {
    const { client, sent, slept } = clientOf(broken(), broken(), Response.json({ status: 'applied' }));
    expect(await client.must({ method: 'POST', path: '/v1/changes', body: {} })).toEqual({ status: 'applied' });
    expect(keysOf(sent)).toEqual(['key-1', 'key-1', 'key-1']);
    expect(slept).toEqual([125, 250]);
  });

  it('is one that breaks off within', async () => {
    const half = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"sta'));
        stream.error(new TypeError('terminated'));
      },
    });
    const { client, sent } = clientOf(new Response(half), Response.json({ status: 'applied' }));
    expect(await client.must({ method: 'POST', path: '/v1/changes', body: {} })).toEqual({ status: 'applied' });
    expect(keysOf(sent)).toEqual(['key-1', 'key-1']);
  });

  it('ends after five tries, and tells the key with which nothing is done twice', async () => {
    const { client, sent } = clientOf(broken(), broken(), broken(), broken(), broken());
    const asked = client.must({ method: 'POST', path: '/v1/changes', body: {} });
    await expect(asked).rejects.toThrow(ControlUnreachable);
    await expect(asked).rejects.toThrow(/control\.example.*read ECONNRESET.*\n.*--idempotency-key key-1/);
    expect(sent).toHaveLength(5);
  });

  it('takes the key that the caller gives, and a new one for each write otherwise', async () => {
    const { client, sent } = clientOf(Response.json({}), Response.json({}), Response.json({}));
    for (const idempotencyKey of ['mine', undefined, undefined])
      await client.must({ method: 'POST', path: '/v1/changes', ...(idempotencyKey && { idempotencyKey }) });
    expect(keysOf(sent)).toEqual(['mine', 'key-1', 'key-2']);
  });

  it.each([429, 502, 503, 504])('is not %s either: it is tried again', async (status) => {
    const { client, sent } = clientOf(problem(status), Response.json({ status: 'applied' }));
    await client.must({ method: 'POST', path: '/v1/changes', body: {} });
    expect(keysOf(sent)).toEqual(['key-1', 'key-1']);
  });

  it('waits as long as the server asks for, and not for hours', async () => {
    const patient = clientOf(problem(503, {}, { 'retry-after': '2' }), Response.json({}));
    await patient.client.must({ path: '/v1/status' });
    expect(patient.slept).toEqual([2_000]);
    const busy = clientOf(problem(503, { detail: 'busy' }, { 'retry-after': '3600' }));
    await expect(busy.client.must({ path: '/v1/status' })).rejects.toThrow(/busy; it asks to be tried again in 3600 s/);
    expect(busy.slept).toEqual([]);
  });

  it('says nothing of keys where nothing was written', async () => {
    const { client } = clientOf(broken(), broken(), broken(), broken(), broken());
    await expect(client.must({ path: '/v1/status' })).rejects.toThrow(/^[^\n]*ECONNRESET\)$/);
  });
});

describe('a refusal', () => {
  it.each([400, 403, 404, 409, 412, 422, 428])('%s is told once, in words', async (status) => {
    const issues = [{ path: ['operations', 0, 'key'], message: 'is no key' }];
    const { client, sent } = clientOf(problem(status, { detail: 'Not so.', code: 'invalid', issues }));
    const error: unknown = await client.must({ path: '/v1/x' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ControlRefusal);
    expect((error as ControlRefusal).message).toMatch(/^refused: Not so\.\n {2}operations\.0\.key {2}is no key/);
    expect((error as ControlRefusal).problem).toMatchObject({ status, code: 'invalid', issues });
    expect(sent).toHaveLength(1);
  });

  it('B55: moves no cursor', async () => {
    const { client } = clientOf(problem(409, { detail: 'x\u001b[2J\nok\u202e' }));
    await expect(client.must({ path: '/v1/x' })).rejects.toThrow('refused: x\\u{1B}[2J\\u{A}ok\\u{202E}');
  });

  it('is told by its status where it has no words', async () => {
    const { client } = clientOf(new Response('<html>', { status: 404 }));
    await expect(client.must({ path: '/v1/x' })).rejects.toThrow('refused: HTTP 404');
  });

  it.each([
    [302, /HTTP 302: is this its address\?/],
    [500, /HTTP 500/],
  ])('is not what %s is: that comes from somewhere else, or says nothing', async (status, told) => {
    const { client, sent } = clientOf(new Response('', { status, headers: { location: 'https://evil.example/' } }));
    const asked = client.must({ path: '/v1/x' });
    await expect(asked).rejects.toThrow(ControlUnreachable);
    await expect(asked).rejects.toThrow(told);
    expect(sent).toHaveLength(1);
  });
});
