/** The relay as somebody starts it by hand, and gets it wrong. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newFolder } from './fixtures/relay-process.ts';

const started = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, ['workers/relay/index.ts', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

it('has help', () => {
  expect(started(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('relay-config.yaml') });
});

it('ends with 2, and says why, where its command line or a file of its own is wrong', async () => {
  const folder = await newFolder();
  const [sound, missing] = [join(folder, 'relay-config.yaml'), join(folder, 'missing')];
  await writeFile(
    sound,
    'relay:\n  streamUri: http://127.0.0.1:9\n  cache: { persist: false, staleIfError: true }\n  region: eu\n  cloud: aws\nflagDefaults: {}\n',
  );
  expect(started(['--port', '80'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--port') });
  for (const { status, stderr } of [started([missing]), started([sound], { OFFLINE_DEFAULTS_FILE: missing })]) {
    expect([status, stderr]).toEqual([2, expect.stringContaining(`${missing} cannot be read`)]);
  }
  expect(started([sound], { ENVIRONMENT: '' })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('PUBLIC_KEYS must be set'),
  });
});
