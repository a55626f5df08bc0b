import { describe, expect, it, vi } from 'vitest';
import { createKeyUseOverHttp, DEADLINE_MS, REMEMBERED_MS } from '../../../workers/control/key-use-over-http.ts';

const SHA = 'x'.repeat(43);
const heard = (lastUsedAt: number) => Response.json({ environment: 'production', keys: [{ sha256: SHA, lastUsedAt }] });

function portOver(answer: () => Response | Promise<Response>) {
  const clock = { now: 1_795_420_800_000 };
  const asked: Request[] = [];
  const port = createKeyUseOverHttp({
    addresses: new Map([['production', { url: 'https://ingest.example', key: 'ls_control_key' }]]),
    fetch: async (request) => {
      asked.push(request);
      return answer();
    },
    now: () => clock.now,
  });
  return { port, clock, asked };
}

describe('when keys were last used', () => {
  it('is what ingest of that environment says, asked with a key and not again for a while', async () => {
    const { port, clock, asked } = portOver(() => heard(60_000));
    expect([...(await port.lastUsed('production'))]).toEqual([[SHA, 60_000]]);
    await port.lastUsed('production');
    expect(asked.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
      ['https://ingest.example/v1/key-use', 'Bearer ls_control_key'],
    ]);
    clock.now += REMEMBERED_MS;
    await port.lastUsed('production');
    expect(asked).toHaveLength(2);
  });

  it('B51: is nothing for an environment that has no ingest here', async () => {
    const { port, asked } = portOver(() => heard(1));
    expect(await port.lastUsed('theirs')).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['fails', () => Promise.reject(new Error('cut'))],
    ['refuses', () => new Response('no', { status: 403 })],
    ['answers something else', () => Response.json({ keys: [{ sha256: 'short', lastUsedAt: 1 }] })],
    ['answers no JSON', () => new Response('<html>')],
  ])('is what was heard before, or nothing, where ingest %s', async (_what, fails) => {
    let isDark = true;
    const { port, clock } = portOver(() => (isDark ? fails() : heard(60_000)));
    expect(await port.lastUsed('production')).toEqual(new Map());
    isDark = false;
    clock.now += REMEMBERED_MS;
    expect((await port.lastUsed('production')).size).toBe(1);
    isDark = true;
    clock.now += REMEMBERED_MS;
    expect((await port.lastUsed('production')).size).toBe(1);
  });

  it('is waited for no longer than a second', async () => {
    vi.useFakeTimers();
    const { port } = portOver(() => new Promise(() => undefined));
    const told = port.lastUsed('production');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(await told).toEqual(new Map());
    vi.useRealTimers();
  });
});
