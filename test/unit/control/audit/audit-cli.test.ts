import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNoteKey } from '#control/audit/note-key';
import { entryOf, newKeys, sealAll, signedLines, textOf } from './fixtures/audit-log.ts';

let folder: string;
let key: string;
let text: string;
let note: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-audit-'));
  const keys = await newKeys();
  key = formatNoteKey(keys.signer.key);
  const lines = await signedLines(sealAll([0, 1, 2, 3, 4].map((index) => entryOf(index))), [2, 5], keys.signer);
  text = textOf(lines);
  note = lines.flatMap((line) => ('note' in line ? [line.note] : [])).at(-1) ?? '';
  file('log.ndjson', text);
  file('keys', `# of the marketplace\n${key}\n\n`);
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function lockstep(args: readonly string[], input?: string): { code: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, ['scripts/cli/lockstep.ts', 'audit', 'verify', ...args], {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('lockstep audit verify', () => {
  it('proves a log, with keys of a file, in columns', () => {
    const { code, out, err } = lockstep([join(folder, 'log.ndjson'), '--key', join(folder, 'keys')]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^entries {6}5\nproven {7}all 5\ncheckpoints {2}2\nnewest {7}audit\.marketplace\.example/);
    expect(out).toMatch(/\n\ngood: this is what was signed\n$/);
  });

  it('B53: exits with 1 and names the first bad index, reading standard input, with a key as text', () => {
    const bad = text.replace('change 3', 'change 9');
    const { code, out } = lockstep(['-', '--key', key, '--json'], bad);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      proven: 2,
      faults: [{ kind: 'edited', at: 3, first: 3, last: 3 }],
    });
    const shown = lockstep(['-', '--key', key], bad);
    expect(shown.out).toContain('fault        edited: entry 3 is not what was logged');
    expect(shown.out).toMatch(/\n\nBAD: this is not what was signed\n$/);
  });

  it('B53: misses what was cut off, with a checkpoint that was kept', () => {
    const cut = text.split('\n').slice(0, 3).join('\n');
    expect(lockstep(['-', '-k', key], cut).code).toBe(0);
    const { code, out } = lockstep(['-', '-k', key, '-c', file('kept.note', note)], cut);
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining('entries 2 to 4 are missing') });
  });

  it('exits with 2 where the command is wrong, and says what is', () => {
    const log = join(folder, 'log.ndjson');
    expect(lockstep([log])).toMatchObject({ code: 2, err: expect.stringContaining("'-k, --key <key>'") });
    expect(lockstep([join(folder, 'none'), '-k', key])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^cannot read the export: ENOENT/),
    });
    expect(lockstep([log, '-k', 'none'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^cannot read the key: ENOENT/),
    });
    expect(lockstep([log, '-k', key.replace('+', '+0')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('is no key of the form'),
    });
    expect(lockstep([log, '-k', key, '-c', 'none'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^cannot read the checkpoint/),
    });
    expect(lockstep(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('Examples:\n  $ lockstep audit verify'),
    });
  });
});
