/** R28: kill -9 at every step of every write of last-known-good, on a disk, in processes. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endAll, runScript } from '../e2e/fixtures/processes.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { flag } from '../unit/sdk/fixtures/upstream-client.ts';

let folder: string;
let signer: Signer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-chaos-'));
  signer = await createSigner();
  await writeFile(join(folder, 'key.json'), JSON.stringify(signer.publicKey));
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true, force: true });
});

interface Life {
  readonly begun: number;
  readonly killed: boolean;
  readonly steps: number;
}

/** A process that begins with what is on the disk, and ends at a step of writing `version`, or well. */
async function lifeOn(disk: string, version: number, lastStep: number, half = false): Promise<Life> {
  const text = await signer.sign(rawLines([flag('a', version), flag('b', 1)]), { version });
  const file = join(folder, `${version}.txt`);
  await writeFile(file, text);
  const args = [disk, join(folder, 'key.json'), file, String(lastStep), half ? 'half' : ''];
  const { stdout, stderr, code, signal } = await runScript('test/chaos/fixtures/lkg-process.ts', args);
  expect([stderr, code ?? signal]).toEqual(['', expect.toBeOneOf([0, 'SIGKILL'])]);
  return {
    begun: Number(/begins with (\d+)/.exec(stdout)?.[1]),
    killed: signal === 'SIGKILL',
    steps: Number(/through (\d+) steps/.exec(stdout)?.[1] ?? Number.NaN),
  };
}

it('R28, B13: finds a whole generation at every start, never an older one than before, and leaves no litter', async () => {
  const disk = join(folder, 'lkg');
  let version = 1;
  const first = await lifeOn(disk, version, 0);
  expect(first).toMatchObject({ begun: 0, killed: false });
  expect(first.steps).toBeGreaterThan(4);
  let newest = version;
  let kills = 0;
  for (let lastStep = 1; ; lastStep++) {
    const life = await lifeOn(disk, ++version, lastStep, lastStep === 1);
    expect([lastStep, life.begun]).toEqual([lastStep, expect.toBeOneOf([newest, version - 1])]);
    expect(life.begun).toBeGreaterThanOrEqual(newest);
    newest = life.begun;
    if (!life.killed) break;
    kills++;
  }
  // Four of each write, and those of promoting and of clearing up.
  expect(kills).toBeGreaterThan(6);
  const last = await lifeOn(disk, version, 0);
  expect(last.begun).toBe(version);
  expect((await readdir(disk)).filter((name) => !/^(\d+\.(good|candidate)|guard\.json)$/.test(name))).toEqual([]);
}, 300_000);
