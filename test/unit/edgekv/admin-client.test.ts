import { describe, expect, it } from 'vitest';
import { createAdminClient } from '#edgekv/akamai/admin-client';
import { createPacer } from '#edgekv/akamai/pacer';

const ACCOUNT = { host: 'akab-x.luna.akamaiapis.net', clientToken: 'c', clientSecret: 's', accessToken: 'a' };

/** Sleeps that end when the test says so. */
function createSleep() {
  const waiting: (() => void)[] = [];
  const sleep = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return { sleep, waiting };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('come in order, one a while, and at once where nobody had one for long', async () => {
    const { sleep, waiting } = createSleep();
    const takeTurn = createPacer(75, sleep);
    const taken: string[] = [];
    for (const name of ['a', 'b', 'c']) takeTurn().then(() => taken.push(name));
    await settle();
    expect(taken).toEqual(['a']);
    waiting.shift()?.();
    await settle();
    expect(taken).toEqual(['a', 'b']);
    for (let at = 0; at < 2; at++) {
      waiting.shift()?.();
      await settle();
    }
    takeTurn().then(() => taken.push('d'));
    await settle();
    expect(taken).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a call of EdgeKV', () => {
  function createClient() {
    const { sleep, waiting } = createSleep();
    const requests: Request[] = [];
    const client = createAdminClient(ACCOUNT, {
      async fetch(request) {
        requests.push(request);
        return new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } });
      },
      now: () => Date.UTC(2026, 10, 23, 8),
      nonce: () => 'nonce',
      sleep,
      subtle: crypto.subtle,
    });
    return { client, requests, waiting };
  }

  it('is not sent where it was given up before its turn: something newer may lie there by then', async () => {
    const { client, requests, waiting } = createClient();
    await client.call('GET', 'first');
    const patience = new AbortController();
    const late = client.call('PUT', 'second', 'text', patience.signal);
    const failed = expect(late).rejects.toThrow('EdgeKV: PUT was given up before its turn');
    patience.abort();
    waiting.shift()?.();
    await failed;
    expect(requests).toHaveLength(1);
  });

  it('shows its signature to nobody else: redirects are not followed', async () => {
    const { client, requests } = createClient();
    expect(await client.call('GET', 'first')).toMatchObject({ status: 302, text: '' });
    expect(requests.map(({ url, redirect }) => [url, redirect])).toEqual([
      ['https://akab-x.luna.akamaiapis.net/edgekv/v1/first', 'manual'],
    ]);
  });
});
