import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it, vi } from 'vitest';
import { createEditionEvents, type Edition, type EditionData } from '#http/edition-events';
import { sseEvent } from '#http/sse-event';
import { bookmarkText, closingText } from '#http/stream-signals';
import { applyDelta, readDelta } from '#ruleset/delta';
import { readPosition } from '#ruleset/position';
import { digestOfText } from '#ruleset/write/digest';
import { MAX_EVENT } from '#schema/stream-limits';
import { rawLines } from '../fixtures/lines.ts';

const linesOf = (flags: number, changed: number, size = 10): string =>
  rawLines(
    Array.from({ length: flags }, (_, at) => ({
      k: `search.flag${String(at).padStart(4, '0')}`,
      r: at < changed ? 2 : 1,
      d: 'x'.repeat(size),
    })),
  );

const editionOf = (version: number, lines: string): Edition => ({
  version,
  digest: digestOfText(lines),
  header: `header.of.${version}`,
  lines,
});

function parsed(text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(text);
  return events;
}

function one(text: string): EventSourceMessage & { readonly json: EditionData & Record<string, unknown> } {
  const [event, ...more] = parsed(text);
  expect(more).toEqual([]);
  return { ...event!, json: JSON.parse(event!.data) };
}

/** Events of an edition on top of those editions. */
function eventsOf(edition: Edition, before: readonly Edition[], event: 'ruleset' | 'keys' = 'ruleset') {
  let encoded = 0;
  const kept = new Map(before.map(({ digest, lines }) => [digest, lines]));
  const events = createEditionEvents(edition, {
    event,
    linesOf: (digest) => kept.get(digest),
    encode(text) {
      encoded++;
      return text;
    },
  });
  return { ...events, encoded: () => encoded };
}

describe('the events of a ruleset', () => {
  const old = editionOf(6, linesOf(50, 0));
  const next = editionOf(7, linesOf(50, 1));

  it('are a delta for a client whose lines are kept, which gives the new lines', () => {
    const { event, id, json } = one(eventsOf(next, [old]).from(old.digest));
    expect([event, json.version, json.digest]).toEqual(['ruleset', 7, next.digest]);
    expect(readPosition(id)).toEqual({ version: 7, digest: next.digest });
    const { base, changes, header } = readDelta(String(json['delta']));
    expect([base, header, applyDelta(old.lines, changes)]).toEqual([old.digest, next.header, next.lines]);
  });

  it('are the delta that it came as, for whoever has what that is on, and no text is put together for it', () => {
    const text = 'header.of.7\n{"base":"…"}\n';
    const lines = vi.fn(() => next.lines);
    const came = {
      ...{ version: 7, digest: next.digest, header: next.header, delta: { base: old.digest, text } },
      get lines() {
        return lines();
      },
    };
    const older = editionOf(5, linesOf(50, 2));
    const { from } = eventsOf(came, [old, older]);
    expect(one(from(old.digest)).json['delta']).toBe(text);
    expect(lines).not.toHaveBeenCalled();
    const { base, changes } = readDelta(String(one(from(older.digest)).json['delta']));
    expect([base, applyDelta(older.lines, changes)]).toEqual([older.digest, next.lines]);
  });

  it('are a pointer where the delta that it came as is longer than an event may be', () => {
    const delta = { base: old.digest, text: 'x'.repeat(MAX_EVENT) };
    expect(one(eventsOf({ ...next, delta }, [old]).from(old.digest)).json).toHaveProperty('path');
  });

  it('B12: are a pointer for a client whose lines nobody has, and for one that has none', () => {
    const { from } = eventsOf(next, []);
    const pointer = { version: 7, digest: next.digest, header: next.header, path: `/v1/rulesets/${next.digest}` };
    expect(one(from(old.digest)).json).toEqual(pointer);
    expect(one(from(undefined)).json).toEqual(pointer);
  });

  it('are a pointer where the delta is longer than an event may be, and never longer than that', () => {
    for (const changed of [1, 20, 40, 49, 50]) {
      const [base, large] = [editionOf(6, linesOf(50, 0, 2_000)), editionOf(7, linesOf(50, changed, 2_000))];
      const text = eventsOf(large, [base]).from(base.digest);
      expect(text.length).toBeLessThanOrEqual(MAX_EVENT);
      expect('delta' in one(text).json).toBe(changed < 30);
    }
  });

  it('tell one flag of 5,000 in less than 2 KB', () => {
    const [base, changed] = [editionOf(6, linesOf(5_000, 0, 400)), editionOf(7, linesOf(5_000, 1, 400))];
    expect(eventsOf(changed, [base]).from(base.digest).length).toBeLessThan(2_048);
  });

  it('are made once for all clients, however many there are', () => {
    const { from, encoded } = eventsOf(next, [old]);
    const first = from(old.digest);
    for (let client = 0; client < 10_000; client++) expect(from(old.digest)).toBe(first);
    expect(from(undefined)).toBe(from(undefined));
    expect(encoded()).toBe(2);
  });

  it('cost no memory for digests that are made up', () => {
    const { from, encoded } = eventsOf(next, [old]);
    for (let client = 0; client < 10_000; client++) expect(from(digestOfText(String(client)))).toBe(from(undefined));
    expect(encoded()).toBe(1);
  });

  it('B08: tell that nothing is left', () => {
    const empty = editionOf(7, '');
    const { delta } = one(eventsOf(empty, [old]).from(old.digest)).json as { delta: string };
    expect(applyDelta(old.lines, readDelta(delta).changes)).toBe('');
  });

  it('have no id where they are of the keys document, and point at the whole of it', () => {
    const { event, id, json } = one(eventsOf(next, [], 'keys').from(undefined));
    expect([event, id, json['path']]).toEqual(['keys', undefined, '/v1/keys']);
  });
});

describe('an event as text', () => {
  it('is read back as it was, line breaks of any kind being line feeds', () => {
    for (const data of ['', 'plain', ': no comment', 'two\nlines', 'a\r\nb\rc', '\n\n']) {
      const text = sseEvent({ event: 'ruleset', id: '7.x', data });
      expect(parsed(text)).toEqual([{ event: 'ruleset', id: '7.x', data: data.replace(/\r\n?/g, '\n') }]);
    }
  });

  it('is a bookmark, which leaves the last id alone', () => {
    const bookmark = { version: 7, digest: 'd', floor: 6, time: 1_795_420_800_000 };
    expect(parsed(bookmarkText(bookmark))).toEqual([{ event: 'bookmark', data: JSON.stringify(bookmark) }]);
    const aged = { ...bookmark, ageMs: 12 };
    expect(parsed(bookmarkText(aged))[0]?.data).toBe(JSON.stringify(aged));
  });

  it('is a farewell with its reason', () => {
    expect(parsed(closingText({ reason: 'draining', retryAfterMs: 1_500 }))).toEqual([
      { event: 'closing', data: '{"reason":"draining","retryAfterMs":1500}' },
    ]);
  });
});

describe('a position', () => {
  const digest = 'a'.repeat(43);

  it.each([
    ['nothing', ''],
    ['a version alone', '7'],
    ['a digest that is too short', `7.${'a'.repeat(42)}`],
    ['a negative version', `-7.${digest}`],
    ['a fraction', `7.5.${digest}`],
    ['a leading zero', `07.${digest}`],
    ['a number that is not whole any more', `9007199254740993.${digest}`],
    ['a line break', `7.${digest}\n`],
    ['a NUL', `7.${digest}\0`],
  ])('is not read from %s', (_, text) => {
    expect(readPosition(text)).toBeUndefined();
  });
});
