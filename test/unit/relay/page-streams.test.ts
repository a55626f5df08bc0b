import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '#schema/entry';
import { createPageStreams, type PageStreams } from '../../../workers/relay/page-streams.ts';
import { hashOf, type TestHeld, testHeld } from './fixtures/held.ts';
import { type FakeSink, fakeSink } from './fixtures/sinks.ts';

const flag = (f: 0 | 1): Entry => ({ k: 'a.one', r: 1, o: 0, f });

let held: TestHeld;
let pages: PageStreams;
let isValid: boolean;

beforeEach(async () => {
  held = await testHeld();
  isValid = true;
  await held.publish([flag(0)], 7);
  pages = createPageStreams({ held, isAdmitted: () => isValid, now: held.clock.now, random: () => 0.5 });
});

function connect(lastEventId?: string): FakeSink {
  const sink = fakeSink();
  pages.open({ sink, record: { sha256: hashOf('page'), kind: 'client' } }, lastEventId);
  return sink;
}

const idNow = (): string => {
  const { version, sha256 } = held.rulesets.current()!.claims;
  return `${version}.${sha256}`;
};

describe('the stream of a page', () => {
  it('says at once that it is time to ask, since something may have changed on its way here', () => {
    const { version, sha256, iat } = held.rulesets.current()!.claims;
    expect(connect().events()).toEqual([
      {
        event: 'message',
        id: idNow(),
        data: JSON.stringify({ type: 'refetchEvaluation', etag: `"${version}.${sha256}.${iat}"`, lastModified: iat }),
      },
    ]);
  });

  it('says nothing to whoever comes back and has missed nothing', () => {
    const sink = connect(idNow());
    expect(sink.events()).toEqual([]);
    expect(sink.text()).toBe(':\n\n');
  });

  it('says again what was missed', async () => {
    const before = idNow();
    await held.publish([flag(1)], 8);
    expect(connect(before).data('message')).toMatchObject([{ type: 'refetchEvaluation' }]);
  });

  it('goes on with what comes into force, and nothing of it but when', async () => {
    const sink = connect(idNow());
    await held.publish([flag(1)], 8);
    pages.applied();
    expect(sink.events().map(({ id }) => id)).toEqual([idNow()]);
    expect(sink.text()).not.toContain('a.one');
  });

  it('B49: ends with its key', () => {
    const sink = connect();
    isValid = false;
    pages.keysApplied();
    expect(sink.ended).toBe(true);
    expect(pages.count()).toBe(0);
  });

  it('is told when to come back at a drain', () => {
    const sink = connect();
    pages.drain();
    expect(sink.text()).toContain('retry: 3000\n\n');
    expect(sink.ended).toBe(true);
  });
});
