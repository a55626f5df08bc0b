import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseDecoder, MAX_EVENT, type SseEvent } from '#sdk/stream/sse-decoder';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What comes of bytes that arrive in pieces of that many. */
function decoded(text: string | Uint8Array, piece = 1 << 30): SseEvent[] {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const decoder = createSseDecoder();
  const events: SseEvent[] = [];
  for (let at = 0; at < bytes.length; at += piece) events.push(...(decoder.feed(bytes.subarray(at, at + piece)) ?? []));
  return events;
}

const message = (data: string, type = 'message'): SseEvent => ({ type, data });

describe('R29: server-sent events as the HTML standard has them', () => {
  it.each([
    ['one field', 'data: a\n\n', [message('a')]],
    ['no space', 'data:a\n\n', [message('a')]],
    ['one space of two', 'data:  a\n\n', [message(' a')]],
    ['two lines', 'data: a\ndata: b\n\n', [message('a\nb')]],
    ['a type', 'event: ruleset\ndata: {}\n\n', [message('{}', 'ruleset')]],
    ['a field without a colon', 'data\n\n', [message('')]],
    ['no data', 'event: ruleset\n\n', []],
    ['a comment', ': hello\ndata: a\n\n', [message('a')]],
    ['unknown fields', 'hello: x\ndata: a\nretry: 5\n\n', [message('a')]],
    ['an id with a NUL in it', 'id: a\0b\ndata: a\n\n', [message('a')]],
    ['an event that is not ended', 'data: a\n\ndata: b\n', [message('a')]],
    ['a byte order mark', '\ufeffdata: a\n\n', [message('a')]],
    ['a second one, which is part of a name', '\ufeff\ufeffdata: a\n\ndata: b\n\n', [message('b')]],
    ['one that was encoded twice, which is part of a name', 'ï»¿data: a\n\ndata: b\n\n', [message('b')]],
    ['no type left over from an event without data', 'event: x\n\ndata: a\n\n', [message('a')]],
    ['line separators of Unicode, which end no line', 'data: a\u2028b\n\n', [message('a\u2028b')]],
  ])('%s', (_, text, events) => {
    expect(decoded(text)).toEqual(events);
    expect(decoded(text, 1)).toEqual(events);
  });

  it('the same with any line ending, split anywhere', () => {
    const ending = fc.constantFrom('\n', '\r', '\r\n');
    const data = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', ' ', ':', '{'), maxLength: 8 });
    const event = fc.tuple(data, ending, ending, fc.constantFrom('', 'event: ruleset'));
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 1, max: 7 }), (all, piece) => {
        let text = '';
        for (const [value, first, second, type] of all) {
          // A CR before an LF is one ending, not two.
          const [one, two] = first === '\r' && second === '\n' ? ['\r\n', '\n'] : [first, second];
          text += `${type === '' ? '' : type + one}data: ${value}${one}${two}`;
        }
        const wanted = all.map(([value, , , type]) => message(value, type === '' ? 'message' : 'ruleset'));
        expect(decoded(text, piece)).toEqual(wanted);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it('gives an event as soon as its last CR is there', () => {
    const decoder = createSseDecoder();
    expect(decoder.feed(bytesOf('data: a\r\r'))).toEqual([message('a')]);
    expect(decoder.feed(bytesOf('\ndata: b\r\n\r'))).toEqual([message('b')]);
    expect(decoder.feed(bytesOf('\n'))).toEqual([]);
  });
});

describe('B16: bounds', () => {
  it('takes an event of a megabyte', () => {
    const data = 'x'.repeat(MAX_EVENT - 6);
    expect(decoded(`data: ${data}\n\n`, 65_536)).toEqual([message(data)]);
  });

  it.each([
    ['a line that never ends', 'data: ', 'x'.repeat(65_536)],
    ['an event that never ends', '', `data: ${'x'.repeat(65_530)}\n`],
    ['one chunk of ten megabytes', 'data: ', 'x'.repeat(10 * MAX_EVENT)],
  ])('ends at %s', (_, start, more) => {
    const decoder = createSseDecoder();
    decoder.feed(bytesOf(start));
    const bytes = bytesOf(more);
    let taken = 0;
    while (decoder.feed(bytes) !== undefined && taken < 3 * MAX_EVENT) taken += bytes.length;
    expect(taken).toBeLessThanOrEqual(MAX_EVENT + 65_536);
    expect(decoder.feed(bytesOf('\n\ndata: a\n\n'))).toBeUndefined();
  });
});
