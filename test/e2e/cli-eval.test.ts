import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAll, type Finished, lockstep, STACK, type StartOptions } from './fixtures/processes.ts';

const FLAG = 'pricing.fareBundlingV2';
const STAFF = JSON.stringify({ targetingKey: 'user-1', email: 'ana@marketplace.example', emailVerified: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-eval-'));
  await writeFile(join(folder, 'staff.json'), STAFF);
  await writeFile(join(folder, 'none.json'), 'no JSON');
});
afterAll(async () => {
  endAll();
  await rm(folder, { recursive: true, force: true });
});

const evaluated = (args: readonly string[], options?: StartOptions): Promise<Finished> =>
  lockstep(['eval', ...args], options);

describe.concurrent('lockstep eval', () => {
  it('says what is served, why, and by which way', async () => {
    const { code, stdout, stderr } = await evaluated([FLAG, '--context', STAFF]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^flag +pricing\.fareBundlingV2$/m);
    expect(stdout).toMatch(/^value +"v2"$/m);
    expect(stdout).toMatch(/^variation +v2$/m);
    expect(stdout).toMatch(/^reason +TARGETING_MATCH$/m);
    expect(stdout).toMatch(/^rule +staff$/m);
    expect(stdout).toMatch(/^1 +target +nobody by name$/m);
    expect(stdout).toMatch(/^2 +holdout +q4-holdout +bucket \d+: takes part$/m);
    expect(stdout).toMatch(/^3 +rule +staff +=> serves v2$/m);
    expect(stdout).toMatch(/^ +yes +in segment staff$/m);
  });

  it('says the same as JSON', async () => {
    const { code, stdout } = await evaluated([FLAG, '--json', '-c', STAFF]);
    const decision = JSON.parse(stdout) as { readonly path: readonly object[] };
    expect([code, decision]).toMatchObject([
      0,
      { flag: FLAG, value: 'v2', variation: 'v2', reason: 'TARGETING_MATCH', rule: 'staff', version: 1 },
    ]);
    expect(decision.path.at(-1)).toMatchObject({ step: 'rule', name: 'staff', ends: true });
  });

  it('takes the context from a file or from standard input', async () => {
    const [file, input] = await Promise.all([
      evaluated([FLAG, '-c', `@${join(folder, 'staff.json')}`]),
      evaluated([FLAG, '-c', '-'], { input: STAFF }),
    ]);
    expect([file.code, input.code]).toEqual([0, 0]);
    expect(file.stdout).toMatch(/^rule +staff$/m);
    expect(input.stdout).toBe(file.stdout);
  });

  it('decides for nobody where there is no context, and says what was missing', async () => {
    const { code, stdout } = await evaluated([FLAG]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^variation +control$/m);
    expect(stdout).toMatch(/^warning +TARGETING_KEY_MISSING$/m);
  });

  it('says that the code default applies where nothing is served', async () => {
    const { code, stdout } = await evaluated(['mobile.pushQuietHours']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^value +none: the code default applies$/m)]);
    expect(stdout).toMatch(/^prerequisiteFailed +mobile\.newHome$/m);
  });

  it.each([
    ['pricing.fxProvider', '--region', 'asia-southeast1', 'local'],
    ['pricing.fxProvider', '--cloud', 'azure', 'reuters'],
    ['platform.logLevel', '--pop', 'sin', 'debug'],
  ])('B23: decides %s by %s %s, and not by the context', async (key, option, place, variation) => {
    const spoofed = JSON.stringify({ [option.slice(2)]: place });
    const [told, not] = await Promise.all([evaluated([key, option, place]), evaluated([key, '-c', spoofed])]);
    expect(told.stdout).toMatch(new RegExp(`^variation +${variation}$`, 'm'));
    expect(not.stdout).not.toMatch(new RegExp(`^variation +${variation}$`, 'm'));
  });

  it('reads other flags than the marketplace’s', async () => {
    const yaml =
      'flags:\n  x.one:\n    description: One.\n    type: boolean\n    salt: s\n    enabled: true\n    off: "off"\n    fallthrough: { serve: "on" }\n';
    await writeFile(join(folder, 'other.yaml'), yaml);
    const { code, stdout } = await evaluated(['x.one', '-f', join(folder, 'other.yaml')]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^value +true$/m)]);
  });

  it.each([
    ['part of its name', 'fareBundling', FLAG],
    ['its last part alone', 'fareBundlingV2', FLAG],
    ['its name in other case', 'PRICING.farebundlingv2', FLAG],
    ['another namespace', 'search.fareBundlingV2', FLAG],
    ['more than its name', `${FLAG}.enabled`, FLAG],
  ])('exits 1 for a flag that there is not, and suggests one by %s', async (_, key, suggested) => {
    const { code, stdout, stderr } = await evaluated([key]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(suggested)]);
    expect(stdout).toMatch(/FLAG_NOT_FOUND/);
  });

  it('exits 1 for a flag that resembles none, and says how many there are', async () => {
    const { code, stderr } = await evaluated(['zz.top']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('35')]);
  });

  it.each<[string, () => string]>([
    ['no JSON', () => '{targetingKey:1}'],
    ['a list', () => '[1]'],
    ['null', () => 'null'],
    ['an empty text', () => ''],
    ['a file that is no JSON', () => `@${join(folder, 'none.json')}`],
    ['a file that there is not', () => `@${join(folder, 'nowhere.json')}`],
  ])('exits 1 and says what it wants for a context that is %s', async (_, context) => {
    const { code, stdout, stderr } = await evaluated([FLAG, '-c', context()]);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/--context must be|cannot be read/)]);
    expect(stderr).not.toMatch(STACK);
  });
});

describe.concurrent('lockstep', () => {
  it.each(['lint', 'compile', 'eval', 'publish'])('%s --help shows an example', async (command) => {
    const { code, stdout } = await lockstep([command, '--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`Example:\n +\\$ lockstep ${command} `))]);
  });

  it('names its commands with --help', async () => {
    const { code, stdout } = await lockstep(['--help']);
    expect(code).toBe(0);
    for (const command of ['lint', 'compile', 'eval', 'publish'])
      expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'));
  });

  it('lint does as its example says', async () => {
    const { stdout } = await lockstep(['lint', '--help']);
    const [, example = ''] = /\$ lockstep (.+)/.exec(stdout) ?? [];
    expect(await lockstep(example.split(' '))).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [[]],
    [['bogus']],
    [['--bogus']],
    [['lint', '--bogus']],
    [['compile', '--bogus']],
    [['eval', FLAG, '--bogus']],
    [['eval']],
    [['eval', FLAG, 'more']],
    [['publish', '--bogus']],
  ])('exits with an error, and no stack, for the arguments %j', async (args) => {
    const { code, stderr } = await lockstep(args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/error|Usage/);
    expect(stderr).not.toMatch(STACK);
  });
});
