import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlPlace } from '../../../scripts/cli/control-place.ts';

const TOKEN = 'ls_shop.ci.abc-DEF_123';
const there = { LOCKSTEP_URL: 'https://control.example/', LOCKSTEP_TOKEN: TOKEN };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-place-'));
  await writeFile(join(folder, 'token'), `${TOKEN}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('where a command goes', () => {
  it('is what the environment variables say', async () => {
    expect(await controlPlace({}, { ...there, LOCKSTEP_ENVIRONMENT: 'staging' })).toEqual({
      ...{ url: 'https://control.example', token: TOKEN, planet: false, environment: 'staging' },
    });
  });

  it('is what the options say, before that', async () => {
    const options = { url: 'http://127.0.0.1:8700/x/', tokenFile: join(folder, 'token') };
    expect(await controlPlace(options, { ...there, LOCKSTEP_TOKEN: 'another' })).toEqual({
      ...{ url: 'http://127.0.0.1:8700/x', token: TOKEN, planet: false },
    });
  });

  it.each<[string, object, Record<string, string>, RegExp]>([
    ['no token', {}, { LOCKSTEP_URL: 'https://control.example' }, /LOCKSTEP_TOKEN/],
    ['a token of two lines', {}, { ...there, LOCKSTEP_TOKEN: 'a\nhost: b' }, /token is none/],
    ['a token file that there is not', { tokenFile: '/no/such' }, there, /\/no\/such: cannot be read/],
    ['a token file and no address', { tokenFile: '/no/such' }, {}, /--token-file is for --url/],
    ['an address in the clear', { url: 'http://control.example' }, there, /in the clear/],
    [
      'an address that only begins like this machine’s',
      { url: 'http://127.0.0.1.evil.example' },
      there,
      /in the clear/,
    ],
    ['no address', { url: 'control' }, there, /no address/],
    ['another scheme', { url: 'file:///etc' }, there, /no address/],
    ['an address with a secret in it', { url: 'https://u:p@control.example' }, there, /LOCKSTEP_TOKEN/],
    ['somebody of the planet, elsewhere', { url: 'https://control.example', as: 'ana' }, there, /--as/],
  ])('is not taken from %s', async (_, options, variables, told) => {
    await expect(controlPlace(options, variables)).rejects.toThrow(told);
  });
});
