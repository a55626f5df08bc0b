import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '#control/audit/audit-report';
import type { SealedLeaf } from '#control/audit/entry';
import { leafHash } from '#control/audit/merkle-hash';
import { verifyExport } from '#control/audit/verify-export';
import {
  entryOf,
  type Keys,
  type Line,
  newKeys,
  sealAll,
  signedLines,
  textOf,
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

const check = (found: readonly Line[], kept: readonly string[] = []): Promise<AuditReport> =>
  verifyText(textOf(found), [keys.verifier], kept);

const indexOf = (seq: number): number => lines.findIndex((line) => 'leaf' in line && line.leaf.seq === seq);

/** What stands at entry `seq` becomes something else. */
const changed = (seq: number, change: (leaf: SealedLeaf) => SealedLeaf): Line[] =>
  lines.map((line) => ('leaf' in line && line.leaf.seq === seq ? { leaf: change(line.leaf) } : line));

const without = (...seqs: readonly number[]): Line[] =>
  lines.filter((line) => !('leaf' in line && seqs.includes(line.leaf.seq)));

const edited = (leaf: SealedLeaf): SealedLeaf => ({ ...leaf, text: leaf.text.replace('change', 'CHANGE') });
/** By somebody who knows that the hash beside it must be its own. */
const rehashed = (leaf: SealedLeaf): SealedLeaf => {
  const { text } = edited(leaf);
  return { ...leaf, text, hash: leafHash(new TextEncoder().encode(text)) };
};

const noteOf = (size: number, from: readonly Line[] = lines): string => {
  const line = from.find((one) => 'note' in one && one.size === size);
  return line !== undefined && 'note' in line ? line.note : '';
};

it('proves a log that is what was signed', async () => {
  const report = await check(lines, [noteOf(17)]);
  expect(report).toMatchObject({ ok: true, entries: COUNT, proven: COUNT, checkpoints: 7, faults: [], backwards: [] });
  expect(report.newest).toMatchObject({ size: COUNT });
});

it('says how many entries no checkpoint covers yet', async () => {
  const open = lines.filter((line) => !('note' in line && line.size === COUNT));
  expect(await check(open)).toMatchObject({ ok: true, entries: COUNT, proven: 18 });
});

it('reads the same from portions of any size', async () => {
  const bytes = new TextEncoder().encode(textOf(lines).slice(0, -1));
  for (const portion of [1, 7, 64, 1_000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / portion) }, (_, at) =>
      bytes.slice(at * portion, (at + 1) * portion),
    );
    expect(await verifyExport(chunks, { verifiers: [keys.verifier] })).toMatchObject({ ok: true, proven: COUNT });
  }
});

describe('B53: names the first bad index, proven by the next checkpoint', () => {
  const seqs = Array.from({ length: COUNT }, (_, seq) => seq);

  it.each(seqs)('of entry %i edited', async (seq) => {
    const report = await check(changed(seq, edited));
    expect(report.faults).toMatchObject([{ kind: 'edited', at: seq, first: seq, last: seq }]);
    expect(report.ok).toBe(false);
  });

  it.each(seqs)('of entry %i edited in every field of its own', async (seq) => {
    const report = await check(
      changed(seq, (leaf) => ({
        ...leaf,
        text: leaf.text
          .replace('change', 'CHANGE')
          .replace(/"previous":"./, '"previous":"_')
          .replace(`"seq":${seq}`, '"seq":99'),
      })),
    );
    expect(report.faults).toMatchObject([{ kind: 'edited', at: seq, first: seq, last: seq }]);
  });

  // Behind the last entry that a checkpoint covers nothing was made upon it before that checkpoint.
  const chained = seqs.filter((seq) => !SIZES.includes(seq + 1));

  it.each(chained)('of entry %i edited together with the hash beside it', async (seq) => {
    const report = await check(changed(seq, rehashed));
    expect(report.faults).toMatchObject([{ kind: 'edited', at: seq, first: seq, last: seq }]);
  });

  it.each(seqs.filter((seq) => seq !== COUNT - 1))('of entry %i deleted', async (seq) => {
    const report = await check(without(seq));
    expect(report.faults).toMatchObject([{ kind: 'missing', at: seq, first: seq, last: seq }]);
  });

  it.each(seqs)('of entry %i standing there twice', async (seq) => {
    const at = indexOf(seq);
    const report = await check([...lines.slice(0, at + 1), lines[at]!, ...lines.slice(at + 1)]);
    expect(report.faults).toMatchObject([{ kind: 'repeated', at: seq + 1, first: seq + 1, last: seq + 1 }]);
  });

  it.each([
    [0, 1],
    [2, 6],
    [8, 15],
    [19, 28],
  ])('of entries %i and %i changing places', async (a, b) => {
    const swapped = lines.map((line, at) => {
      if (at === indexOf(a)) return lines[indexOf(b)]!;
      return at === indexOf(b) ? lines[indexOf(a)]! : line;
    });
    expect((await check(swapped)).faults).toMatchObject([{ kind: 'moved', at: a, first: a, last: a }]);
  });
});

describe('B53: says between which entries the first bad one is, where no signature tells', () => {
  it('several entries deleted', async () => {
    const report = await check(without(10, 11, 12));
    expect(report.faults).toMatchObject([{ kind: 'missing', at: 10, first: 8, last: 10 }]);
  });

  it('the last entry before a checkpoint edited with the hash beside it', async () => {
    const report = await check(changed(15, rehashed));
    expect(report.faults).toMatchObject([{ kind: 'rewritten', first: 8, last: 15 }]);
    expect(report.faults[0]?.message).toContain('the first bad entry is between 8 and 15');
  });

  it('an entry edited behind the newest checkpoint', async () => {
    const open = changed(25, edited).filter((line) => !('note' in line && line.size === COUNT));
    expect((await check(open)).faults).toMatchObject([{ kind: 'edited', at: 25, first: 18, last: COUNT - 1 }]);
  });

  it('an administrator who edits one entry and makes all hashes and the chain anew', async () => {
    const forged = sealAll(
      Array.from({ length: COUNT }, (_, index) => entryOf(index, index === 11 ? { action: 'flag.archive' } : {})),
    );
    const rewritten = lines.map((line) => ('leaf' in line ? { leaf: forged[line.leaf.seq]! } : line));
    const report = await check(rewritten);
    expect(report.faults).toMatchObject([{ kind: 'rewritten', at: 8, first: 8, last: 15 }]);
    expect(report.proven).toBe(8);
  });

  it('an administrator who adds an entry before a checkpoint', async () => {
    const more = sealAll(Array.from({ length: 17 }, (_, index) => entryOf(index)))[16]!;
    const at = lines.findIndex((line) => 'note' in line && line.size === 16);
    const report = await check([...lines.slice(0, at), { leaf: more }, ...lines.slice(at)]);
    expect(report.faults).toMatchObject([{ kind: 'misplaced-checkpoint', first: 8, last: 16 }]);
  });
});

describe('B53: the tail', () => {
  it.each([1, 5, 12])('cut by %i entries, is missed by the checkpoint that covers it', async (cut) => {
    const kept = lines.filter((line) => !('leaf' in line && line.leaf.seq >= COUNT - cut));
    expect((await check(kept)).faults).toMatchObject([{ kind: 'cut', at: COUNT - cut, last: COUNT - cut }]);
  });

  it('cut with its checkpoints, is missed by a checkpoint that was kept apart, and by nothing else', async () => {
    const kept = lines.slice(0, indexOf(18));
    expect(await check(kept)).toMatchObject({ ok: true, entries: 18, proven: 18 });
    const report = await check(kept, [noteOf(COUNT)]);
    expect(report.faults).toMatchObject([{ kind: 'cut', at: 18, first: 18, last: 18 }]);
    expect(report.faults[0]?.message).toBe(
      'the log ends after 18 entries, and a checkpoint covers 30: entries 18 to 29 are missing',
    );
  });
});

describe('B53: two logs under one name', () => {
  let other: Line[];
  beforeAll(async () => {
    const entries = Array.from({ length: COUNT }, (_, index) => entryOf(index, index < 12 ? {} : { ticket: 'CHG1' }));
    other = await signedLines(sealAll(entries), SIZES, keys.signer);
  });

  it('a fork shows as two signed roots of one size, within an export', async () => {
    const at = lines.findIndex((line) => 'note' in line && line.size === 16);
    const report = await check([
      ...lines.slice(0, at + 1),
      { size: 16, note: noteOf(16, other) },
      ...lines.slice(at + 1),
    ]);
    expect(report.faults).toMatchObject([{ kind: 'fork', at: 16 }]);
    expect(report.faults[0]).not.toHaveProperty('first');
  });

  it('an administrator with the key who rewrites and signs everything is caught by a checkpoint that was kept', async () => {
    expect((await check(other)).ok).toBe(true);
    expect((await check(other, [noteOf(COUNT)])).faults).toMatchObject([
      { kind: 'rewritten', first: 0, last: COUNT - 1 },
    ]);
    const report = await check(
      other.filter((line) => !('note' in line && line.size === 17)),
      [noteOf(8), noteOf(17)],
    );
    expect(report.faults).toMatchObject([{ kind: 'rewritten', first: 8, last: 16 }]);
  });
});
