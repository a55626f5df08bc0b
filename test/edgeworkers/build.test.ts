import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Check, checkBundle } from '../../scripts/akamai/check-bundle.ts';
import { packTgz } from '../../scripts/akamai/pack-tgz.ts';
import { readBundle } from '../../scripts/edgeworkers/bundle/read-bundle.ts';
import { MANIFEST, tgzOf } from './fixtures/bundle.ts';
import { akamaiSettings, akamaiTokens } from './fixtures/configuration.ts';

interface Built {
  readonly path: string;
  readonly part: string;
  readonly flavour: string;
  readonly version: string;
  readonly bytes: number;
  readonly checks: readonly Check[];
}

const KEY = { kid: 'k', kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as const;
const settingsWith = (more: Readonly<Record<string, string>>): string =>
  akamaiSettings({ PUBLIC_KEYS: JSON.stringify([KEY]), ...more });
/** All that docs/akamai.md names. */
const SETTINGS = settingsWith({
  REGION: 'europe-west4',
  POP: 'edge-ams',
  EDGEKV_ITEM: 'pricing',
  OFFLINE_DEFAULTS: '{}',
  REVALIDATE_AFTER_MS: '5000',
  STALE_AFTER_MS: '60000',
  READ_TIMEOUT_MS: '300',
  FLAGS: '[]',
  VARY_BY: '[]',
  SDK_KEYS: '[]',
  ALLOWED_ORIGINS: '[]',
});
const TOKENS = akamaiTokens({ name: 'reader', reference: '8b3a5ea2-8e0d-4c3b-9a6f-2a6b7d1f0c11' });

let folder: string;
let runs = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-akamai-'));
  writeFileSync(join(folder, 'settings.js'), SETTINGS);
  writeFileSync(join(folder, 'tokens.js'), TOKENS);
  writeFileSync(join(folder, 'broken.js'), 'export const settings = {');
  writeFileSync(join(folder, 'nameless.js'), 'export default {};');
  writeFileSync(join(folder, 'misspelt.js'), settingsWith({ REVALIDATE_AFTR_MS: '1000', FLAG: '[]' }));
  writeFileSync(join(folder, 'keyless.js'), akamaiSettings({ PUBLIC_KEYS: '[]' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As `npm run build:akamai` does it, into a folder of its own. */
function build(...args: readonly string[]) {
  const out = join(folder, `out-${++runs}`);
  const command = ['scripts/akamai/build.ts', '--out', out, ...args.map((arg) => arg.replace(/^@/, `${folder}/`))];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { status, stdout, stderr, out, kept: status === null ? [] : filesIn(out) };
}

const filesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
};

describe('build:akamai', () => {
  it('writes a bundle of each part and flavour that passes all that it checks itself against', () => {
    const { status, stdout, kept } = build('--settings', '@settings.js', '--tokens', '@tokens.js', '--json');
    expect(status).toBe(0);
    const built = JSON.parse(stdout) as readonly Built[];
    expect(built.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict !== 'ok'))).toEqual([]);
    expect(built.map(({ part, flavour }) => `${part} ${flavour}`)).toEqual([
      'pages module',
      'pages lru',
      'ofrep module',
      'ofrep lru',
    ]);
    expect(kept).toEqual(
      built.map(({ part, flavour, version }) => `lockstep-${version}-${part}-${flavour}.tgz`).sort(),
    );
    for (const { path, version } of built) {
      const bundle = readBundle(readFileSync(path));
      expect(bundle.version).toBe(version);
      expect(bundle.scripts['lockstep-settings.js']).toBe(SETTINGS);
      expect(bundle.scripts['edgekv_tokens.js']).toBe(TOKENS);
    }
  });

  it('gives the same bytes for the same source, and another version for another content', () => {
    const one = build('--part', 'pages', '--flavour', 'lru', '--settings', '@settings.js');
    const two = build('--part', 'pages', '--flavour', 'lru', '--settings', '@settings.js');
    const other = build('--part', 'pages', '--flavour', 'lru');
    expect(one.kept).toHaveLength(1);
    expect(two.kept).toEqual(one.kept);
    for (const name of one.kept) expect(readFileSync(join(two.out, name))).toEqual(readFileSync(join(one.out, name)));
    expect(other.kept).not.toEqual(one.kept);
  });

  it('says of the settings of the repository what they lack, and writes the bundle all the same', () => {
    const { status, stdout, kept } = build('--part', 'pages', '--flavour', 'lru', '--version', '1.0~beta');
    expect([status, kept]).toEqual([0, ['lockstep-1.0~beta-pages-lru.tgz']]);
    expect(stdout).toMatch(/^note +settings +PUBLIC_KEYS must be set/m);
    expect(stdout).toMatch(/^note +EdgeKV token +none/m);
  });

  it.each([
    ['settings that the EdgeWorker cannot read', ['--settings', '@keyless.js'], /settings: PUBLIC_KEYS must be set/],
    ['settings that are not there', ['--settings', '@nowhere.js'], /cannot be read \(ENOENT\)/],
    ['settings that are no module', ['--settings', '@broken.js'], /modules: \S*broken\.js:1:\d+: ERROR/],
    [
      'settings that nothing reads',
      ['--settings', '@misspelt.js'],
      /: names of settings: no EdgeWorker reads REVALIDATE_AFTR_MS, FLAG$/m,
    ],
    [
      'settings without their export',
      ['--settings', '@nameless.js'],
      /: modules: \S*nameless\.js: has no export settings$/m,
    ],
    [
      'tokens without their export, told once',
      ['--tokens', '@nameless.js'],
      /^[^;\n]*: modules: \S*nameless\.js: has no export edgekv_access_tokens\n$/,
    ],
    ['a version that the platform does not take', ['--version', '../1'], /EW1107/],
    ['a version of 33 characters', ['--version', '1'.repeat(33)], /EW1107/],
    ['a part that there is not', ['--part', 'page'], /--part page: must be pages, ofrep or both/],
    ['a flavour that there is not', ['--flavour', 'both?'], /--flavour both\?: must be module, lru or both/],
  ])('refuses %s, and keeps nothing', (_, args, why) => {
    const { status, stderr, kept } = build('--version', '1', ...args);
    expect([status, kept]).toEqual([1, []]);
    expect(stderr).toMatch(why);
  });

  it('asks for a token that fits where settings and tokens are given', () => {
    const others = ['--part', 'ofrep', '--flavour', 'module', '--version', '1'];
    const tokens = join(folder, 'other-tokens.js');
    writeFileSync(tokens, TOKENS.replace('namespace-lockstep', 'namespace-other'));
    const both = build(...others, '--settings', '@settings.js', '--tokens', tokens);
    expect([both.status, both.kept]).toEqual([1, []]);
    expect(both.stderr).toContain('EdgeKV token: none for the namespace of the settings, lockstep');
    expect(build(...others, '--tokens', tokens).status).toBe(0);
  });
});

it('an archive has its end, wherever in a record of tar its files end', () => {
  for (let blocks = 0; blocks <= 20; blocks++) {
    const files = { 'main.js': ' '.repeat(512 * blocks), 'bundle.json': MANIFEST };
    const tgz = packTgz(Object.entries(files).map(([name, data]) => ({ name, data })));
    expect(readBundle(tgz).scripts).toEqual({ 'main.js': files['main.js'] });
    expect(
      gunzipSync(tgz)
        .subarray(-1_024)
        .every((byte) => byte === 0),
    ).toBe(true);
  }
});

const GIVEN = { 'lockstep-settings.js': 'settings.js', 'edgekv_tokens.js': 'tokens.js' };
const NOW = Date.parse('2026-12-01T12:00:00Z');
describe('the check of a bundle', () => {
  const HANDLERS = 'export const onClientRequest = () => {}, onClientResponse = () => {};';
  const failuresOf = async (main: string, modes = {}): Promise<readonly string[]> => {
    const others = { 'bundle.json': MANIFEST, 'lockstep-settings.js': SETTINGS, 'edgekv_tokens.js': TOKENS };
    const checks = await checkBundle(tgzOf({ 'main.js': main, ...others }, modes), 'pages', { given: GIVEN, now: NOW });
    return checks.filter(({ verdict }) => verdict === 'failed').map(({ check, found }) => `${check}: ${found}`);
  };

  it.each([
    ['a module that the platform has not', `import 'node:fs'; ${HANDLERS}`, /Unknown built-in module: "node:fs"/],
    ['a file without .js', `import './lockstep-settings'; ${HANDLERS}`, /Unknown built-in module/],
    ['a file that is not in it', `import './other.js'; ${HANDLERS}`, /Unknown built-in module: "\.\/other\.js"/],
    [
      'an import() underway',
      `${HANDLERS} export const later = () => import('log');`,
      /imports: main\.js: import\("log"\)/,
    ],
    [
      'a handler that nobody means',
      `${HANDLERS} export const onOriginRequest = () => {};`,
      /handlers: .*onOriginRequest/,
    ],
    ['a handler that is missing', 'export const onClientRequest = () => {};', /handlers: onClientRequest; meant/],
    ['a script that is none', 'export const = ;', /modules: main\.js/],
    ['a global that the platform has not', `setTimeout(() => {}); ${HANDLERS}`, /setTimeout is not defined/],
    [
      'a global that shows in an event',
      HANDLERS.replace('onClientResponse = () => {}', 'onClientResponse = () => structuredClone(1)'),
      /onClientResponse: ExecutionError: .*structuredClone\+is\+not\+defined/,
    ],
    ['a start that takes for ever', `for (;;) {} ${HANDLERS}`, /a run of each handler: .*InitCpuTimeoutError/],
  ])('fails for %s', async (_, main, why) => {
    expect((await failuresOf(main)).join('\n')).toMatch(why);
  });

  it('fails for what is executable, and for what is too large: a main.js beyond our bound, a bundle beyond the platform’s', async () => {
    expect(await failuresOf(HANDLERS, { 'edgekv_tokens.js': '755' })).toEqual([expect.stringMatching(/EW1105/)]);
    const noise = (words: number): string =>
      Array.from({ length: words }, (_, at) => Math.imul(at + 1, 0x9e3779b1).toString(36)).join('');
    expect(await failuresOf(`${HANDLERS} /* ${noise(4_000)} */`)).toEqual([
      expect.stringMatching(/^main\.js, gzipped: \d+ of 15360 bytes$/),
    ]);
    expect(await failuresOf(`${HANDLERS} /* ${noise(150_000)} */`)).toEqual([expect.stringMatching(/EW110[14]/)]);
  });
});
