/** The keys document: signed, written down, delivered and signed again as rulesets are, on its own. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { keysEnvironment } from '#ruleset/keys-environment';
import { digestOfText } from '#ruleset/write/digest';
import { keyLines, withoutSigningKeys } from '#ruleset/write/key-line';
import { signingEntry } from '#schema/key-entry';
import { MAX_KEY_LINES } from '#schema/limits';
import { createApp } from '../../../workers/publisher/app.ts';
import { cacheOf } from '../fixtures/caches.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { flag } from './fixtures/entries.ts';
import { createPress, errorIn, pressPort, type TestPress, useClock, valueIn } from './fixtures/press.ts';
import { createTarget } from './fixtures/target.ts';

let signer: Signer;
let other: Signer;
beforeAll(async () => {
  signer = await createSigner('key-1');
  other = await createSigner('key-2');
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 86_400_000;
const sha = (text: string): string => text.padEnd(43, 'x');
const linesOf = (...names: readonly string[]): string =>
  keyLines(names.map((name) => ({ k: sha(name), t: 'server', s: name, n: ['*'] })));
const put = async (press: TestPress, lines: string, base?: number) => {
  vi.setSystemTime(Date.now() + 1_000);
  return press.putKeys({ lines, ...(base !== undefined && { base }) }, 'control');
};
const textAt = ({ keyTarget }: TestPress): string => keyTarget.text as string;
const linesAt = (press: TestPress): string => textAt(press).slice(textAt(press).indexOf('\n') + 1);
const keysReader = (by: Signer) =>
  cacheOf(by, {
    environment: keysEnvironment(ENVIRONMENT),
    clock: { now: Date.now, forward: () => {} },
    check: 'lines',
  });

describe('the keys document', () => {
  it('is signed for itself, with the keys that readers are to trust, and no reader of flags takes it', async () => {
    const press = createPress(signer, { trusted: [other] });
    const lines = linesOf('shop', 'app');
    expect(valueIn(await put(press, lines, 0))).toMatchObject({
      ...{ version: 1, published: true, digest: digestOfText(lines) },
      targets: [{ name: 'kv/keys', version: 1, state: 'written' }],
    });
    const reader = keysReader(signer);
    expect(await reader.offer(textAt(press))).toEqual({ ok: true, value: 'newer' });
    expect(withoutSigningKeys(linesAt(press))).toBe(lines);
    const trusted = linesAt(press)
      .split('\n')
      .filter((line) => line.includes('signing:'));
    expect(trusted.map((line) => signingEntry.parse(JSON.parse(line)).k)).toEqual(['signing:key-1', 'signing:key-2']);
    expect(await cacheOf(signer).offer(textAt(press))).toMatchObject({
      ok: false,
      error: { code: 'wrong-environment' },
    });
    expect(press.keys()).toMatchObject({
      ...{ environment: ENVIRONMENT, version: 1, keys: 2, digest: digestOfText(lines) },
    });
  });

  it('keeps its version where the keys are the same, whatever base is said', async () => {
    const press = createPress(signer);
    await put(press, linesOf('shop'), 0);
    for (const base of [0, 1, 7, undefined]) {
      expect(valueIn(await put(press, linesOf('shop'), base))).toMatchObject({ version: 1, published: false });
    }
    expect(valueIn(await put(press, '', 1))).toMatchObject({ version: 2, published: true, digest: digestOfText('') });
    expect(press.keysJournal(0, 10).entries.map(({ kind, actor, version }) => [kind, actor, version])).toEqual([
      ['publish', 'control', 1],
      ['publish', 'control', 2],
    ]);
  });

  it('B09, B49: is replaced on top of its own version alone: what comes late brings no key back', async () => {
    const press = createPress(signer);
    await put(press, linesOf('shop'), 0);
    await put(press, '', 1);
    expect(errorIn(await put(press, linesOf('shop'), 1))).toEqual({ code: 'wrong-base', base: 1, inForce: 2 });
    expect(withoutSigningKeys(linesAt(press))).toBe('');
  });

  it.each<[string, string, RegExp]>([
    ['out of order', linesOf('a') + linesOf('b') + linesOf('a'), /out of form or order/],
    ['cut', linesOf('a').slice(0, -1), /out of form/],
    ['not ASCII', linesOf('a').replace('"s":"a"', '"s":"\u00e4"'), /printable ASCII/],
    ['no JSON', linesOf('a').replace('"s"', 's'), /JSON/],
    ['of another kind', linesOf('a').replace('server', 'publisher'), /t is "publisher"/],
    ['without a namespace', linesOf('a').replace('["*"]', '[]'), /n is an object/],
    ['with a field twice', linesOf('a').replace('"s":"a"', '"s":"a","s":"a"'), /is not written/],
    ['with a field that nobody knows', linesOf('a').replace('}', ',"z":1}'), /is not written/],
    ['a signing key', `{"k":"signing:mine","x":"${sha('x')}","y":"${sha('y')}"}\n`, /k is "signing:mine"/],
    ['a flag', '{"k":"a.flag","r":1,"f":0}\n', /k is "a.flag"/],
  ])('B01, B03: refuses lines that are %s', async (_what, lines, message) => {
    const press = createPress(signer);
    const refusal = errorIn(await put(press, lines));
    expect(refusal).toMatchObject({ code: 'invalid-entries', issues: [{ message: expect.stringMatching(message) }] });
    expect([press.keys().version, press.keyTarget.writes]).toEqual([null, []]);
  });

  it('B05: refuses more than an item holds', async () => {
    const many = keyLines(
      Array.from({ length: 2_000 }, (_, at) => ({ k: sha(`${at}`), t: 'server', s: 'a', n: ['*'] })),
    );
    expect(errorIn(await put(createPress(signer), many))).toEqual({
      code: 'too-large',
      length: many.length,
      most: MAX_KEY_LINES,
    });
  });
});

describe('by itself, the publisher', () => {
  it('signs the document again at half its time: the same version, the same lines', async () => {
    const press = createPress(signer);
    await put(press, linesOf('shop'));
    const before = linesAt(press);
    const reader = keysReader(signer);
    await reader.offer(textAt(press));
    vi.setSystemTime(Date.now() + 15 * DAY_MS);
    await press.tendKeys();
    expect([linesAt(press), press.keys().version]).toEqual([before, 1]);
    expect(await reader.offer(textAt(press))).toEqual({ ok: true, value: 'same' });
    expect(press.keysJournal(1, 10).entries).toMatchObject([{ kind: 'resign', actor: 'publisher', version: 1 }]);
  });

  it('B10: names the keys to trust anew once its settings do, and signs with the new one', async () => {
    const press = createPress(signer);
    await put(press, linesOf('shop'));
    const both = press.restarted(other);
    expect(both.keysDueAt()).toBe(Date.now());
    vi.setSystemTime(Date.now() + 1_000);
    await both.tendKeys();
    expect(both.keys()).toMatchObject({ version: 2, keys: 1 });
    expect(linesAt(both)).toContain('signing:key-2');
    expect(await keysReader(other).offer(textAt(both))).toEqual({ ok: true, value: 'newer' });
    expect(both.keysDueAt()).toBeGreaterThan(Date.now());
  });

  it('R25: writes again what was wiped, and tries a store that fails again', async () => {
    const press = createPress(signer);
    press.keyTarget.writeFault = 'rejects';
    expect(valueIn(await put(press, linesOf('shop'))).targets).toMatchObject([{ state: 'failing', attempts: 1 }]);
    press.keyTarget.writeFault = 'none';
    vi.setSystemTime(press.keysDueAt() as number);
    await press.tendKeys();
    expect(press.keys().targets).toMatchObject([{ state: 'written' }]);
    press.keyTarget.text = undefined;
    vi.setSystemTime(Date.now() + 60_000);
    await press.tendKeys();
    expect(withoutSigningKeys(linesAt(press))).toBe(linesOf('shop'));
  });

  it('goes on from what lies at its targets where its memory was lost', async () => {
    const press = createPress(signer);
    await put(press, linesOf('shop'));
    await put(press, linesOf('app'));
    const [keyTarget] = [press.keyTarget];
    const empty = createPress(signer, { keyTargets: [keyTarget] });
    expect(valueIn(await put(empty, '', 0).then((answer) => (answer.ok ? answer : put(empty, '', 2))))).toMatchObject({
      ...{ version: 3, published: true },
    });
    expect(empty.keysJournal(0, 10).entries.map(({ kind, version }) => [kind, version])).toEqual([
      ['adopt', 2],
      ['publish', 3],
    ]);
    const dark = createTarget('kv/keys');
    dark.readFault = 'rejects';
    expect(errorIn(await put(createPress(signer, { keyTargets: [dark] }), ''))).toMatchObject({
      code: 'store-unreachable',
    });
  });

  it('keeps keys and flags apart: neither waits for the other, and neither changes the other’s version', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await put(press, linesOf('shop'));
    const again = press.restarted();
    expect(again.keys()).toMatchObject({ version: 1, keys: 1 });
    expect(await again.status()).toMatchObject({ version: 1 });
    expect(again.journal(0, 10).entries).toHaveLength(1);
    expect(again.keysJournal(0, 10).entries).toHaveLength(1);
  });
});

describe('over HTTP, the keys document', () => {
  const KEYS = { publisher: 'ls_publisher_test', breakGlass: 'ls_break_glass_test' };
  async function ask(press: TestPress, method: string, path: string, body?: unknown, key = KEYS.publisher) {
    const app = createApp(() => pressPort(press), {
      keys: [
        { sha256: digestOfText(KEYS.publisher), kind: 'publisher', name: 'control' },
        { sha256: digestOfText(KEYS.breakGlass), kind: 'break-glass', name: 'on call' },
      ],
    });
    const init = {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const response = await app.request(path, init);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  it('is put by a publisher key alone, and told to both kinds', async () => {
    const press = createPress(signer);
    const request = { base: 0, lines: linesOf('shop') };
    expect((await ask(press, 'PUT', '/v1/keys', request, KEYS.breakGlass)).status).toBe(403);
    expect(await ask(press, 'PUT', '/v1/keys', request)).toMatchObject({
      status: 200,
      json: { version: 1, published: true, digest: digestOfText(request.lines) },
    });
    expect(await ask(press, 'GET', '/v1/keys', undefined, KEYS.breakGlass)).toMatchObject({
      status: 200,
      json: { version: 1, keys: 1 },
    });
    expect(await ask(press, 'GET', '/v1/keys/journal?limit=1')).toMatchObject({
      status: 200,
      json: { entries: [{ id: 1, kind: 'publish', actor: 'control', version: 1 }], next: 1 },
    });
  });

  it.each<[number, unknown]>([
    [409, { base: 4, lines: linesOf('shop') }],
    [422, { lines: linesOf('shop').replace('server', 'admin') }],
    [422, { lines: 1 }],
    [422, { base: -1, lines: '' }],
    [422, { base: 0, lines: '', kys: '' }],
    [413, { lines: 'x'.repeat(MAX_KEY_LINES + 1) }],
    [413, { lines: 'x'.repeat(4 * MAX_KEY_LINES) }],
  ])('refuses with %i: %j', async (status, body) => {
    const { status: found, json } = await ask(createPress(signer), 'PUT', '/v1/keys', body);
    expect([found, json['status']]).toEqual([status, status]);
    if (status === 409) expect(json).toMatchObject({ inForce: 0 });
  });
});
