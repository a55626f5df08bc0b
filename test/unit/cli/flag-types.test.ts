import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flagTypes } from '../../../scripts/cli/flag-types.ts';
import { types } from '../../../scripts/cli/types.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const FLAGS = {
  'shop.open': { description: 'Open. */ alert(1) /*\nTwo lines, é.', type: 'boolean', values: [] },
  'shop.layout': { description: 'Layout.', type: 'string', values: ['classic', 'v2', "it's \\ \n \u2028"] },
  'shop.limit': { description: 'Limit.', type: 'number', values: [3, 10] },
  'shop.theme': {
    description: 'Theme.',
    type: 'object',
    values: [{ columns: 3, labels: ['a'], deep: { 'a-b': null } }, { columns: 1 }, [], {}],
  },
  'shop.grid': { description: 'Grid.', type: 'object', values: [{ columns: 3 }, { columns: 4 }] },
} as const;

const DEFAULTS = {
  'shop.open': { variation: 'off', value: false, visibility: 'server' },
  'shop.grid': { variation: 'wide', value: { columns: 3, 'a-b': ["it's"] }, visibility: 'client' },
} as const;

/** Lines that must not compile end with a mark; the others must. */
const PROGRAM = `
import { createLockstepClient } from '#sdk/client/create-lockstep-client';
import { type Flags, offlineDefaults } from './flags.ts';

const options = { url: 'https://relay.example', key: 'key', environment: 'production', publicKeys: [] };
const client = createLockstepClient<Flags>({ ...options, offlineDefaults });
const flags = client.flagsFor({ targetingKey: 'user-1' });

export const open: boolean = flags.boolean('shop.open', false);
export const layout: 'classic' | 'v2' | "it's \\\\ \\n \\u2028" = flags.string('shop.layout', 'classic');
export const limit: number = flags.number('shop.limit', 3);
export const columns: number = flags.object('shop.grid', { columns: 1 }).columns;
export const theme = flags.object('shop.theme', { columns: 2 });
export const why: string | undefined = flags.stringDetails('shop.layout', 'v2').variation;

flags.boolean('shop.opne', false); // BAD
flags.string('shop.open', 'classic'); // BAD
flags.number('shop.layout', 3); // BAD
flags.boolean('shop.open', 'no'); // BAD
flags.string('shop.layout', 'v3'); // BAD
flags.object('shop.grid', { rows: 1 }); // BAD
flags.object('shop.open', {}); // BAD
flags.booleanDetails('shop.limit', false); // BAD
export const isThird = flags.string('shop.layout', 'v2') === 'v3'; // BAD
export const wide: string = flags.object('shop.grid', { columns: 1 }).columns; // BAD
export const text: string = flags.number('shop.limit', 3); // BAD
client.flagsFor().all()['shop.open']?.value.toString(); // BAD

const untyped = createLockstepClient(options).flagsFor();
export const any: boolean = untyped.boolean('whatever', true);
export const anyText: string = untyped.string('whatever', 'x');
untyped.boolean('whatever', 'x'); // BAD
`;

/** The first program on a page of the documentation, which is checked against the marketplace's flags. */
async function exampleIn(page: string): Promise<string> {
  const text = await readFile(`${ROOT}docs/${page}`, 'utf8');
  return (/```ts\n(.*?)```/s.exec(text) as RegExpExecArray)[1] as string;
}

let folder: string;
let errors: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-types-'));
  const paths = Object.fromEntries(
    ['core', 'schema', 'ruleset', 'exposure', 'http', 'sdk'].map((name) => [
      `#${name}/*`,
      [`${ROOT}shared/${name}/*.ts`],
    ]),
  );
  const compilerOptions = {
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    typeRoots: [`${ROOT}node_modules/@types`],
    paths,
  };
  const project = { extends: `${ROOT}tsconfig.base.json`, compilerOptions, include: ['**/*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  await writeFile(join(folder, 'flags.ts'), flagTypes(FLAGS, DEFAULTS));
  await mkdir(join(folder, 'docs'));
  await types(`${ROOT}flags`, { out: join(folder, 'docs', 'flags.ts') });
  await writeFile(join(folder, 'docs', 'sdk.ts'), await exampleIn('sdk.md'));
  await writeFile(join(folder, 'program.ts'), PROGRAM);
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  errors = await new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder], (_, stdout) => resolve(stdout));
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe('flags as types', () => {
  it('have a wrong key, a wrong type and a wrong value not compile, and all else, the documentation’s example too', () => {
    const found = [...errors.matchAll(/^(\S+?)\((\d+),/gm)].map(
      ([, file, line]) => `${file?.split('/').at(-1)}:${line}`,
    );
    const bad = PROGRAM.split('\n').flatMap((line, at) => (line.endsWith('// BAD') ? [`program.ts:${at + 1}`] : []));
    expect(bad).toHaveLength(13);
    expect([...new Set(found)]).toEqual(bad);
  });

  it('are the offline defaults too, as a program reads them', async () => {
    const { offlineDefaults: read } = (await import(join(folder, 'flags.ts'))) as { offlineDefaults: unknown };
    expect(read).toEqual(DEFAULTS);
  });

  it('are the same text for the same flags, whatever their order', () => {
    const reversed = Object.fromEntries(Object.entries(FLAGS).reverse());
    expect(flagTypes(reversed, DEFAULTS)).toBe(flagTypes(FLAGS, DEFAULTS));
    expect(flagTypes(FLAGS, DEFAULTS)).toMatch(/^[ -~\né]*$/);
  });
});
