import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '#control/audit/audit-report';
import type { SealedLeaf } from '#control/audit/entry';
import { leafHash } from '#control/audit/merkle-hash';
import {
  entryOf,
  type Keys,
  type Line,
  newKeys,
  sealAll,
  signedLines,
  textOf,
  timeOf,
  verifyText,
} from './fixtures/audit-log.ts';

const COUNT = 30;
/** Two checkpoints with a gap, three in a row, and one at the end. */
const SIZES = [0, 8, 16, 17, 18, COUNT];

let keys: Keys;
let leaves: SealedLeaf[];
let lines: Line[];

beforeAll(async () => {
  keys = await newKeys();
  leaves = sealAll(Array.from({ length: COUNT }, (_, index) => entryOf(index)));
  lines = await signedLines(leaves, SIZES, keys.signer);
});

const check = (found: readonly Line[]): Promise<AuditReport> => verifyText(textOf(found), [keys.verifier]);

const indexOf = (seq: number): number => lines.findIndex((line) => 'leaf' in line && line.leaf.seq === seq);

/** What stands at entry `seq` becomes something else. */
const changed = (seq: number, change: (leaf: SealedLeaf) => SealedLeaf): Line[] =>
  lines.map((line) => ('leaf' in line && line.leaf.seq === seq ? { leaf: change(line.leaf) } : line));

describe('B53: checkpoints', () => {
  it('of a key that is not trusted prove nothing, and are named', async () => {
    const stranger = await newKeys();
    const report = await verifyText(textOf(lines), [stranger.verifier]);
    expect(report).toMatchObject({ ok: false, proven: 0, checkpoints: 0 });
    expect(new Set(report.faults.map(({ kind }) => kind))).toEqual(new Set(['untrusted-checkpoint', 'no-checkpoint']));
  });

  it('of a trusted key, changed afterwards, are named', async () => {
    const forged = lines.map((line) =>
      'note' in line && line.size === 17 ? { ...line, note: line.note.replace('\n17\n', '\n16\n') } : line,
    );
    expect((await check(forged)).faults).toMatchObject([{ kind: 'untrusted-checkpoint', at: 17 }]);
  });

  it('of another log, signed with a trusted key of that log, prove nothing about this one', async () => {
    const second = await newKeys('audit.marketplace.example/staging');
    const report = await verifyText(textOf(lines), [second.verifier]);
    expect(report).toMatchObject({ ok: false, proven: 0 });
  });

  it('go on being good when keys are rotated: any of several trusted keys is enough', async () => {
    const next = await newKeys();
    const early = await signedLines(leaves, [8], keys.signer);
    const late = await signedLines(leaves, [COUNT], next.signer, keys.signer);
    const rotated = [...early, ...late.filter((line) => 'note' in line)];
    expect(await verifyText(textOf(rotated), [keys.verifier, next.verifier])).toMatchObject({
      ok: true,
      proven: COUNT,
    });
    expect(await verifyText(textOf(late), [next.verifier])).toMatchObject({ ok: true, proven: COUNT });
  });
});

it('a wrong hash beside a sound entry is told apart from a bad entry', async () => {
  for (const seq of [3, 15, COUNT - 1]) {
    const report = await check(changed(seq, (leaf) => ({ ...leaf, hash: leafHash(Uint8Array.of(seq)) })));
    expect(report.faults).toMatchObject([{ kind: 'wrong-hash', at: seq }]);
    expect(report.faults[0]).not.toHaveProperty('first');
  }
});

it('times that go backwards are a warning', async () => {
  const time = (index: number): string => timeOf(index === 5 ? 0 : index);
  const back = await signedLines(
    sealAll(
      Array.from({ length: 9 }, (_, at) => entryOf(at)),
      time,
    ),
    [9],
    keys.signer,
  );
  expect(await check(back)).toMatchObject({ ok: true, backwards: [5] });
});

it.each([
  ['an empty line', '\n'],
  ['no JSON', '{"hash":\n'],
  ['other JSON', '{"seq":3}\n'],
  ['no UTF-8', '\ud800\n'],
  ['a list', '[]\n'],
  ['a checkpoint spelt otherwise', '{ "checkpoint":"x" }\n'],
])('%s is named as what no export holds', async (_, junk) => {
  const at = indexOf(5);
  const report = await verifyText(textOf(lines.slice(0, at)) + junk + textOf(lines.slice(at)), [keys.verifier]);
  expect(report.faults).toMatchObject([{ kind: 'malformed', at: 5, first: 0, last: 5 }]);
});

it('an empty file proves nothing', async () => {
  expect(await verifyText('', [keys.verifier])).toMatchObject({ ok: false, faults: [{ kind: 'no-checkpoint' }] });
});

describe('B53: whatever is done to the text of a log', () => {
  /** Byte `at` becomes another, goes away, or gets another before it. */
  const tampering = fc.record({
    at: fc.nat(),
    what: fc.constantFrom('replace', 'delete', 'insert'),
    byte: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
  });

  it('is found, and the range that is named holds the first entry that differs', async () => {
    const whole = textOf(lines);
    await fc.assert(
      fc.asyncProperty(tampering, async ({ at: where, what, byte }) => {
        const at = where % whole.length;
        const text =
          whole.slice(0, at) + (what === 'delete' ? '' : byte) + whole.slice(what === 'insert' ? at : at + 1);
        fc.pre(text !== whole && text !== whole.trimEnd());
        const report = await verifyText(text, [keys.verifier]);
        expect(report.ok).toBe(false);
        const line = lines[whole.slice(0, at).split('\n').length - 1]!;
        const [fault] = report.faults;
        if (!('leaf' in line) || fault?.first === undefined || fault.last === undefined) return;
        expect(fault.first).toBeLessThanOrEqual(line.leaf.seq);
        expect(fault.last).toBeGreaterThanOrEqual(line.leaf.seq);
      }),
      { numRuns: 500 },
    );
  });

  it('any other order, choice or repetition of its entries is found', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: COUNT - 1 }), { maxLength: COUNT + 5 }), async (order) => {
        const differs = order.findIndex((seq, at) => seq !== at);
        const first = differs < 0 ? order.length : differs;
        fc.pre(order.length !== COUNT || differs >= 0);
        const notes = lines.filter((line) => 'note' in line);
        const report = await check([...order.map((seq) => ({ leaf: leaves[seq]! })), notes.at(-1)!]);
        expect(report.ok).toBe(false);
        expect(report.faults[0]!.first).toBeLessThanOrEqual(first);
        expect(report.faults[0]!.last).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 500 },
    );
  });
});
