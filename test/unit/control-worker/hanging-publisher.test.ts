/** A publisher that takes connections and never answers: what does not need it goes on in its time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOfText } from '#ruleset/write/digest';
import type { Operation } from '#schema/control-operation';
import { createPublishersOverHttp } from '../../../workers/control/publisher-over-http.ts';
import type { KeysRequest, PublishRequest } from '../../../workers/control/publisher-port.ts';
import { ask, op, PRODUCTION, put } from '../control/fixtures/organisation.ts';
import { admin, editor } from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { until, useClock } from '../publisher/fixtures/press.ts';
import { foundedControl, type TestControl } from './fixtures/control.ts';

const rank = (percent: number, base: number) =>
  ask([put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }))]);
const keyIn = (environment: string, key: string): Operation =>
  op({
    ...{ op: 'create', kind: 'sdk-key', key, base: 0 },
    body: { kind: 'server', service: key, environment, namespaces: ['*'], sha256: key.padEnd(43, 'x') },
  });
const create = keyIn(PRODUCTION, 'shop');
const revoke: Operation = op({ op: 'revoke', kind: 'sdk-key', key: 'shop', base: 1 });

const never = (): Promise<never> => new Promise(() => {});
const isSigned = (control: TestControl): boolean => control.status().signed === control.status().entries;

/** As the platform does it: an alarm whose work hangs keeps no other one waiting. */
async function ring(control: TestControl): Promise<void> {
  control.clock.now = Math.max(control.clock.now, control.wake() ?? 0);
  void control.tend();
  await Promise.resolve();
}

describe('while the publisher hangs', () => {
  it('checkpoints cover every entry within a minute', async () => {
    const control = await foundedControl();
    await control.calm();
    Object.assign(control.publisher, { publish: never, putKeys: never });
    for (const percent of [60, 61, 62]) {
      const grown = control.clock.now;
      expect(await control.ask(rank(percent, percent - 59), editor)).toMatchObject({ ok: true });
      expect(isSigned(control)).toBe(false);
      while (control.clock.now < grown + 20_000) await ring(control);
      await until(() => isSigned(control));
      expect(control.clock.now).toBeLessThanOrEqual(grown + 60_000);
      // Somebody goes on looking after what is under way.
      expect(control.dueAt()).toBeLessThanOrEqual(control.clock.now + 10_000);
    }
    expect(control.status()).toMatchObject({ entries: 5, environments: [{ generation: 4, version: 1 }, {}] });
  });

  it('B49: a key that was revoked does not wait for a payload', async () => {
    const control = await foundedControl();
    await control.accept(ask([create]), admin);
    control.publisher.publish = never;
    await control.ask(rank(60, 1), editor);
    await control.ask(ask([revoke]), admin);
    await until(() => control.publisher.keys.version === 2);
    expect(control.publisher.keys.lines).toBe('');
    expect(control.status().environments[0]).toMatchObject({ version: 1, keys: { version: 2 } });
  });
});

describe('while the publisher of one environment hangs', () => {
  it('the keys and the payload of another are tried again in their own time', async () => {
    const control = await foundedControl({ random: () => 0.999 });
    await control.calm();
    const { publish, putKeys } = control.publisher;
    Object.assign(control.publisher, {
      publish: (environment: string, request: PublishRequest) =>
        environment === PRODUCTION ? publish.call(control.publisher, environment, request) : never(),
      putKeys: (environment: string, request: KeysRequest) =>
        environment === PRODUCTION ? putKeys.call(control.publisher, environment, request) : never(),
    });
    control.publisher.fault = 'down';
    const flag = { ...put('flag', 'search.rank', 0, rampFlag(5, { salt: 'search-rank' })), environment: 'staging' };
    await control.ask(ask([flag as Operation]), editor);
    await control.ask(ask([keyIn('staging', 'stage')]), admin);
    await control.ask(ask([keyIn(PRODUCTION, 'shop')]), admin);
    await control.ask(rank(60, 1), editor);
    const production = () => control.status().environments[0]!;
    await until(() => production().waiting?.attempts === 1 && production().keys.waiting?.attempts === 1);
    for (let attempts = 1; attempts < 4; attempts++) {
      const times = [production().waiting!.nextAt, production().keys.waiting!.nextAt];
      await until(() => control.wake() === Math.min(...times));
      control.clock.now = Math.max(...times);
      void control.tend();
      await until(() => (production().waiting?.attempts ?? 0) > attempts);
      await until(() => (production().keys.waiting?.attempts ?? 0) > attempts);
    }
    control.publisher.fault = 'none';
    control.clock.now = Math.max(production().waiting!.nextAt, production().keys.waiting!.nextAt);
    void control.tend();
    await until(() => production().version === 2 && production().keys.version === 1);
    expect(control.status().environments[1]).toMatchObject({ version: 0, keys: { version: 0 } });
  });
});

describe('a publisher of keys', () => {
  beforeEach(useClock);
  afterEach(() => void vi.useRealTimers());

  it('B49: is asked again within ten seconds, however long it hangs', async () => {
    const asked: number[] = [];
    let answers = true;
    const fetch = async (request: Request): Promise<Response> => {
      asked.push(Date.now());
      const { base, lines } = (await request.json()) as { base: number; lines: string };
      return answers ? Response.json({ version: base + 1, digest: digestOfText(lines) }) : never();
    };
    const addresses = new Map([[PRODUCTION, { url: 'https://publisher.example', key: 'k' }]]);
    const clock = {
      get now() {
        return Date.now();
      },
      set now(time: number) {
        vi.setSystemTime(time);
      },
    };
    const control = await foundedControl({ clock, random: () => 0.999 });
    control.publisher.putKeys = createPublishersOverHttp({ addresses, fetch }).putKeys;
    await control.accept(ask([create]), admin);
    const versionNow = () => control.status().environments[0]?.keys;
    expect(versionNow()).toEqual({ version: 1 });
    answers = false;
    asked.length = 0;
    await control.ask(ask([revoke]), admin);
    for (let step = 0; step < 300; step++) {
      await vi.advanceTimersByTimeAsync(200);
      if ((control.wake() ?? 1 / 0) <= Date.now()) await ring(control);
    }
    expect(asked.length).toBeGreaterThan(6);
    const gaps = asked.map((time, at) => time - (asked[at - 1] ?? time));
    expect(Math.max(...gaps)).toBeLessThan(9_000);
    expect(versionNow()).toMatchObject({ version: 1, waiting: { trouble: { kind: 'dark' } } });
    answers = true;
    const healed = Date.now();
    while (versionNow()?.version !== 2 && Date.now() < healed + 10_000) {
      await vi.advanceTimersByTimeAsync(200);
      if ((control.wake() ?? 1 / 0) <= Date.now()) await ring(control);
    }
    expect(versionNow()).toEqual({ version: 2 });
  });
});
