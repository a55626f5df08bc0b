/** SDK keys on their way to the publisher: until it has them, whatever it does meanwhile. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '#schema/control-operation';
import { ask, NOW, op, PRODUCTION } from '../control/fixtures/organisation.ts';
import { admin } from '../control/fixtures/people.ts';
import { exportOf, foldedElsewhere, foundedControl, plain, type TestControl } from './fixtures/control.ts';

const sha = (text: string): string => text.padEnd(43, 'x');
const create = (key: string, fields: object = {}): Operation =>
  op({
    ...{ op: 'create', kind: 'sdk-key', key, base: 0 },
    body: { kind: 'server', service: key, environment: PRODUCTION, namespaces: ['*'], sha256: sha(key), ...fields },
  });
const revoke = (key: string): Operation => op({ op: 'revoke', kind: 'sdk-key', key, base: 1 });
const change = (control: TestControl, operation: Operation) => control.accept(ask([operation]), admin);

const keysOf = (control: TestControl) => control.status().environments[0]!.keys;
const services = ({ publisher }: TestControl): string[] =>
  publisher.keys.lines
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { s: string }).s);

function expectQuiet(control: TestControl, version: number, names: readonly string[]): void {
  expect(keysOf(control)).toEqual({ version });
  expect(control.publisher.keys.version).toBe(version);
  expect(services(control)).toEqual(names);
  expect(plain(foldedElsewhere(exportOf(control)))).toBe(plain(control.state()));
}

describe('the outbox of SDK keys', () => {
  it('publishes nothing before there is a key', async () => {
    const control = await foundedControl();
    expect(control.publisher.keyRequests).toEqual([]);
    expect(keysOf(control)).toEqual({ version: 0 });
  });

  it('publishes behind the answer, and writes down which version has them', async () => {
    const control = await foundedControl();
    await change(control, create('shop'));
    expectQuiet(control, 1, ['shop']);
    await change(control, create('app'));
    expectQuiet(control, 2, ['app', 'shop']);
    expect(control.publisher.keyRequests.map(({ base }) => base)).toEqual([0, 1]);
    const entry = JSON.parse(exportOf(control).trim().split('\n').at(-1) as string).leaf.entry;
    expect(entry).toMatchObject({
      ...{ action: 'publish.acknowledge-keys', actor: { kind: 'system', via: 'outbox' } },
      events: [{ type: 'keys-published', environment: PRODUCTION, version: 2 }],
    });
  });

  it('B49: takes away what was revoked at once, down to the last key', async () => {
    const control = await foundedControl();
    await change(control, create('shop'));
    await change(control, revoke('shop'));
    expectQuiet(control, 2, []);
  });

  it('tries again while the publisher is dark, and tells so; what is newer goes at once, and alone', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'down';
    await change(control, create('shop'));
    expect(keysOf(control)).toMatchObject({ version: 0, waiting: { attempts: 1, trouble: { kind: 'dark' } } });
    control.clock.now = keysOf(control).waiting!.nextAt;
    await control.tend();
    expect(keysOf(control)).toMatchObject({ waiting: { attempts: 2 } });
    control.publisher.fault = 'none';
    await change(control, create('app'));
    expectQuiet(control, 1, ['app', 'shop']);
  });

  it('goes on from what the publisher has where an answer was lost', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'lost';
    await change(control, create('shop'));
    expect(control.publisher.keys.version).toBe(1);
    await change(control, create('app'));
    control.publisher.fault = 'none';
    await control.calm();
    expectQuiet(control, 2, ['app', 'shop']);
    expect(control.publisher.keyRequests.map(({ base }) => base)).toEqual([0, 0, 1, 1]);
  });

  it('R12: a request that comes late brings nothing back', async () => {
    const control = await foundedControl();
    await change(control, create('shop'));
    const late = { base: 1, lines: control.publisher.keys.lines };
    await change(control, revoke('shop'));
    expect(await control.publisher.putKeys(PRODUCTION, late)).toEqual({ kind: 'behind', inForce: 2 });
    expectQuiet(control, 2, []);
  });

  it('B54: whoever begins anew sends what nobody acknowledged', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'down';
    await change(control, create('shop'));
    control.publisher.fault = 'none';
    const next = control.restarted();
    expect(next.dueAt()).toBe(next.clock.now);
    await next.calm();
    expectQuiet(next, 1, ['shop']);
  });

  it('publishes anew when a key ends, woken by the alarm', async () => {
    const control = await foundedControl();
    await change(control, create('guest', { expiresAt: NOW + 90_000 }));
    await change(control, create('shop'));
    await control.alarm();
    expect(services(control)).toEqual(['guest', 'shop']);
    expect(control.wake()).toBe(NOW + 90_000);
    await control.calm();
    expectQuiet(control, 3, ['shop']);
  });

  it('shows what the publisher refuses, and goes on with the next keys', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'refuses';
    await change(control, create('shop'));
    expect(keysOf(control)).toMatchObject({ version: 0, waiting: { trouble: { kind: 'refused', message: 'no' } } });
    control.publisher.fault = 'none';
    await change(control, revoke('shop'));
    expect(keysOf(control)).toEqual({ version: 0 });
  });

  it('asks a publisher that is elsewhere every time at most twice in a row, and backs off as behind any failure', async () => {
    const control = await foundedControl({ random: () => 0.999 });
    const { putKeys } = control.publisher;
    let asked = 0;
    control.publisher.putKeys = async () => ({ kind: 'behind', inForce: ++asked });
    await change(control, create('shop'));
    for (let turn = 1; turn < 10; turn++) {
      expect(asked).toBeLessThanOrEqual(2 * turn);
      const { attempts, nextAt, trouble } = keysOf(control).waiting!;
      expect({ attempts, kind: trouble?.kind }).toEqual({ attempts: turn, kind: 'dark' });
      expect(nextAt).toBeGreaterThan(control.clock.now);
      expect(nextAt).toBeLessThanOrEqual(control.clock.now + 3_000);
      control.clock.now = nextAt;
      await control.tend();
    }
    control.publisher.putKeys = putKeys;
    await control.calm();
    expectQuiet(control, 1, ['shop']);
  });
});
