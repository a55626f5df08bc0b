import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFile } from '#sdk/node/disk';
import { createFolderDisk } from '#sdk/node/folder-disk';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lkg-'));
  folder = join(parent, 'not', 'there', 'yet');
});
afterEach(() => rm(parent, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('makes its folder, and puts files into the place of others', async () => {
  const disk = createFolderDisk(folder);
  expect(await disk.list()).toEqual([]);
  disk.note('guard', '{}');
  await replaceFile(disk, '1.good', bytes('one'));
  await replaceFile(disk, '1.good', bytes('two!'));
  expect(Buffer.from(await disk.read('1.good')).toString()).toBe('two!');
  expect([...(await disk.list())].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: '1.good', bytes: 4 },
    { name: 'guard', bytes: 2 },
  ]);
  await disk.remove('1.good');
  await disk.remove('1.good');
  expect(await readdir(folder)).toEqual(['guard']);
});

it('lets nobody else read what is in it: rules may name people', async () => {
  const disk = createFolderDisk(folder);
  await replaceFile(disk, '1.good', bytes('one'));
  disk.note('guard', '{}');
  for (const name of ['1.good', 'guard']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  expect((await stat(folder)).mode & 0o077).toBe(0);
});

it('B13: rejects where the folder is a file', async () => {
  await writeFile(join(parent, 'file'), '');
  const disk = createFolderDisk(join(parent, 'file'));
  await expect(disk.list()).rejects.toThrow('ENOTDIR');
  await expect(disk.write('1.good', bytes('one'))).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(() => disk.note('guard', '{}')).toThrow(/EEXIST|ENOTDIR/);
});
