/** A file's bytes in portions of one memory. */
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { linesOf } from '#control/audit/lines-of';
import { fileChunks } from '../../../scripts/cli/file-chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-chunks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, `${text.length}.txt`);
  writeFileSync(path, text);
  return path;
}

const isOpen = (path: string): boolean =>
  readdirSync('/proc/self/fd').some(
    (fd) => existsSync(`/proc/self/fd/${fd}`) && readlinkSync(`/proc/self/fd/${fd}`) === path,
  );

describe('the portions of a file', () => {
  it.each([0, 1, 7, 8, 9, 64, 1_000])(
    'are all of its %i bytes, whatever their size, and its lines stay whole',
    async (length) => {
      const text = Array.from({ length }, (_, at) =>
        at % 11 === 10 ? '\n' : String.fromCharCode(97 + (at % 26)),
      ).join('');
      for (const portion of [1, 8, 100, 4_096]) {
        const lines: string[] = [];
        let read = '';
        for (const chunk of fileChunks(fileOf(text), portion)) {
          expect(chunk.length).toBeLessThanOrEqual(portion);
          read += Buffer.from(chunk).toString();
        }
        for await (const some of linesOf(fileChunks(fileOf(text), portion), 1_000))
          for (const line of some) lines.push(Buffer.from(line).toString());
        expect(read).toBe(text);
        expect(lines.join('\n')).toBe(text.replace(/\n$/, ''));
      }
    },
  );

  it('are in one memory, and the file is closed by whoever reads no further', () => {
    const path = fileOf('x'.repeat(50));
    const memories = new Set<ArrayBufferLike>();
    for (const chunk of fileChunks(path, 10)) {
      memories.add(chunk.buffer);
      if (memories.size === 1 && chunk.length < 10) break;
    }
    expect(memories.size).toBe(1);
    for (const _ of fileChunks(path, 10)) break;
    if (existsSync('/proc/self/fd')) expect(isOpen(path)).toBe(false);
  });

  it('tell of a file that there is not', () => {
    expect(() => [...fileChunks(join(folder, 'nothing'))]).toThrow(/ENOENT/);
  });
});
