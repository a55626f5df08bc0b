import { randomUUID } from 'node:crypto';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keptBuild } from '../../../scripts/build-cache.ts';

/** The same at every run, as sources are; what stands in it is not. */
const source = join(tmpdir(), 'lockstep-build-cache-source.ts');
const run = randomUUID();

afterAll(() => rm(source, { force: true }));

/** An hour old, as what one builds of mostly is. */
async function write(text: string): Promise<void> {
  await writeFile(source, `${text} ${run}`);
  const anHourAgo = Date.now() / 1_000 - 3_600;
  await utimes(source, anHourAgo, anHourAgo);
}

/** Each time that it is built it is something else. */
const build = (how: string, meanwhile = async () => {}): Promise<string> =>
  keptBuild({ test: how }, async () => {
    await meanwhile();
    return { text: randomUUID(), inputs: [relative('', source)] };
  });

describe('what is built', () => {
  it('is built once for as long as its sources are the same', async () => {
    await write('one');
    const first = await build('plain');
    expect([await build('plain'), await build('plain')]).toEqual([first, first]);
  });

  it('is built again for another source, whatever its time says, and for another way of building', async () => {
    const first = await build('plain');
    await write('two');
    const second = await build('plain');
    expect(second).not.toBe(first);
    expect(await build('minified')).not.toBe(second);
    expect(await build('plain')).toBe(second);
  });

  it('is built again where a source is gone', async () => {
    const first = await build('plain');
    await rm(source);
    expect(await build('plain')).not.toBe(first);
  });

  it('is not kept where a source is written while it is built', async () => {
    await write('three');
    const torn = await build('torn', () => writeFile(source, `four ${run}`));
    expect(await build('torn')).not.toBe(torn);
  });
});
