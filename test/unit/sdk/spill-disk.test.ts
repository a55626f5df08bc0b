import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEmitter } from '#exposure/emitter';
import { openSpill } from '#sdk/node/open-spill';
import { createSpillDisk } from '#sdk/node/spill-disk';
import { systemClock as clock } from '#sdk/stream/clock';
import { contextOf, decision, plainPseudonym, units } from '../exposure/fixtures/emitting.ts';
import { createIngestModel, LATER } from '../exposure/fixtures/ingest-model.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spill-'));
  folder = join(parent, 'not', 'there', 'yet');
});
afterEach(() => rm(parent, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('makes its folder, adds to the end of files, and replaces others as a whole', async () => {
  const disk = createSpillDisk(folder);
  expect(await disk.list()).toEqual([]);
  await disk.append('1.spill', bytes('one '));
  await disk.append('2.spill', bytes('two'));
  await disk.append('1.spill', bytes('three'));
  await disk.replace('state.json', '{}');
  await disk.replace('state.json', '[]');
  expect(Buffer.from(await disk.read('1.spill')).toString()).toBe('one three');
  expect(Buffer.from(await disk.read('state.json')).toString()).toBe('[]');
  await disk.remove('1.spill');
  await disk.remove('1.spill');
  expect((await readdir(folder)).sort()).toEqual(['2.spill', 'state.json']);
  for (const name of ['2.spill', 'state.json']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  expect((await stat(folder)).mode & 0o077).toBe(0);
});

it('rejects where the folder is a file', async () => {
  await writeFile(join(parent, 'file'), '');
  const disk = createSpillDisk(join(parent, 'file'));
  await expect(disk.list()).rejects.toThrow('ENOTDIR');
  await expect(disk.append('1.spill', bytes('one'))).rejects.toThrow(/EEXIST|ENOTDIR/);
});

it('R15: twenty thousand exposures of an outage are sent by the next process, oldest first, few at a time', async () => {
  const start = (ingest: ReturnType<typeof createIngestModel>) =>
    createEmitter({
      spool: openSpill({ disk: createSpillDisk(folder), clock, newName: () => 'emitter-1', segmentBytes: 8_000 }),
      ...{ send: ingest.send, pseudonym: plainPseudonym, clock, random: () => 0.5, flushMs: 600_000 },
    });
  const dark = createIngestModel(() => LATER);
  const before = start(dark);
  for (let from = 0; from < 20_000; from += 5_000) {
    for (const unit of units(5_000, from)) before.exposed('pricing.fareBundlingV2', decision(), contextOf(unit));
    await vi.waitUntil(() => before.ledger().spilled === from + 5_000, { timeout: 30_000, interval: 5 });
  }
  await before.close(1);
  expect(before.ledger()).toMatchObject({ exposed: 20_000, spilled: 20_000, dropped: 0, collapsed: 0 });
  expect((await readdir(folder)).length).toBeGreaterThan(5);

  const ingest = createIngestModel();
  const after = start(ingest);
  expect(await after.close(30_000)).toBe(true);
  expect(ingest.exposures.size).toBe(20_000);
  const sent = ingest.beacons.map(({ sequence }) => sequence);
  expect(sent).toEqual(Array.from({ length: sent.length }, (_, at) => at + 1));
  expect(after.ledger()).toMatchObject({ exposed: 20_000, spilled: 0, sent: 20_000 });
  expect(await readdir(folder)).toEqual(['state.json']);
}, 300_000);
