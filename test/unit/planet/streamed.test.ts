import { describe, expect, it } from 'vitest';
import { createFaults } from '../../../scripts/planet/faults.ts';
import { createLink } from '../../../scripts/planet/link.ts';
import { FAILURE_HEADER } from '../../../scripts/planet/wire.ts';

const LINK = 'edge-dub/kv';
const EVENTS = { headers: { 'content-type': 'text/event-stream' } };

function setUp() {
  const faults = createFaults(() => 0);
  const far = { controller: undefined as ReadableStreamDefaultController<Uint8Array> | undefined, isCancelled: false };
  const body = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        far.controller = controller;
      },
      cancel() {
        far.isCancelled = true;
      },
    });
  const link = createLink(LINK, async () => new Response(body(), EVENTS), {
    faults,
    random: () => 0.5,
    sleep: async () => {},
  });
  const say = (text: string): void => far.controller?.enqueue(new TextEncoder().encode(text));
  return { faults, far, say, pass: () => link.pass(new Request('http://stream/')) };
}

const textOf = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> =>
  new TextDecoder().decode((await reader.read()).value);

describe('a stream over a link', () => {
  it('comes through as it is sent, and ends where it ends', async () => {
    const { far, say, pass } = setUp();
    const reader = (await pass()).body!.getReader();
    say('one');
    expect(await textOf(reader)).toBe('one');
    say('two');
    expect(await textOf(reader)).toBe('two');
    far.controller?.close();
    expect((await reader.read()).done).toBe(true);
  });

  it('B17: breaks off for both ends where the link is cut, and for no other fault', async () => {
    const { faults, far, say, pass } = setUp();
    const reader = (await pass()).body!.getReader();
    faults.set([LINK], { fault: 'delay', ms: 10 });
    say('one');
    expect(await textOf(reader)).toBe('one');
    faults.set([LINK], { fault: 'cut' });
    await expect(reader.read()).rejects.toThrow('cut');
    expect(far.isCancelled).toBe(true);
  });

  it('is let go where its reader goes, or where its beginning is lost', async () => {
    const { faults, far, pass } = setUp();
    await (await pass()).body!.cancel();
    expect(far.isCancelled).toBe(true);
    far.isCancelled = false;
    faults.set([LINK], { fault: 'drop', share: 1 });
    const lost = await pass();
    expect(lost.headers.get(FAILURE_HEADER)).toBe('dropped');
    expect(far.isCancelled).toBe(true);
  });
});
