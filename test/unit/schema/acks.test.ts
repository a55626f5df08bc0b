import { describe, expect, it } from 'vitest';
import { type Ack, ack, ackBatch } from '#schema/acks';
import { MAX_ACKS } from '#schema/stream-limits';

const good: Ack = {
  instance: 'relay-1.aws_x',
  kind: 'relay',
  region: 'us-east-1',
  cloud: 'aws',
  version: 7,
  digest: 'a'.repeat(43),
  ageMs: 12,
  stale: false,
};

describe('an acknowledgement', () => {
  it('is taken with what it may have, and without', () => {
    const more = {
      via: 'relay-0',
      error: { code: 'bad-entries', version: 8, message: '' },
      decisions: { total: 3, byVersion: [[7, 2] as [number, number], [6, 1] as [number, number]] },
    };
    expect(ack.parse(good)).toEqual(good);
    expect(ack.parse({ ...good, ...more })).toEqual({ ...good, ...more });
    expect(ack.parse({ ...good, version: 0, digest: '', region: '', color: 'red' })).toEqual({
      ...good,
      ...{ version: 0, digest: '', region: '' },
    });
  });

  it.each([
    ['no instance', { instance: undefined }],
    ['an instance of other characters', { instance: 'relay 1' }],
    ['a long instance', { instance: 'a'.repeat(65) }],
    ['an unknown kind', { kind: 'browser' }],
    ['a region with a line break', { region: 'us\neast' }],
    ['a long region', { region: 'u'.repeat(65) }],
    ['a negative version', { version: -1 }],
    ['a version as text', { version: '7' }],
    ['a short digest', { digest: 'abc' }],
    ['an age that is none', { ageMs: Number.POSITIVE_INFINITY }],
    ['stale as text', { stale: 'no' }],
    ['a message without end', { error: { code: 'x', version: 8, message: 'm'.repeat(301) } }],
    ['an error without a code', { error: { code: '', version: 8, message: 'm' } }],
    ['too many versions', { decisions: { total: 9, byVersion: Array(9).fill([1, 1]) } }],
    ['a negative count', { decisions: { total: -1, byVersion: [] } }],
    ['null for what may be left out', { error: null }],
  ])('B01: is refused with %s', (_, change) => {
    expect(ack.safeParse({ ...good, ...change }).success).toBe(false);
  });

  it('comes in batches of a thousand at most', () => {
    expect(ackBatch.safeParse({ acks: Array(MAX_ACKS).fill(good) }).success).toBe(true);
    expect(ackBatch.safeParse({ acks: Array(MAX_ACKS + 1).fill(good) }).success).toBe(false);
  });
});
