import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { splitHeader } from '#ruleset/header';
import { variationId } from '#ruleset/write/digest';
import { entryLines, parseLines } from '#ruleset/write/line';
import { contentOf } from '#ruleset/write/revisions';
import type { Entry, FlagEntry } from '#schema/entry';
import type { Result } from '#schema/result';
import type { PublishAnswer, ReturnAnswer } from '../../../workers/publisher/answers.ts';
import { givenBy } from '../../../workers/publisher/plan-shift.ts';
import type { Refusal } from '../../../workers/publisher/refusal.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { flag } from './fixtures/entries.ts';
import { createPress, type TestPress, useClock } from './fixtures/press.ts';
import { createLife, createShiftWorld, type Life } from './fixtures/shift-world.ts';
import { createStorage } from './fixtures/storage.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(() => {
  useClock();
  for (const method of ['sign', 'verify', 'digest', 'importKey'] as const) countWork(method);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Signatures that another thread is at. */
let working = 0;

function countWork(method: 'sign' | 'verify' | 'digest' | 'importKey'): void {
  const work = crypto.subtle[method].bind(crypto.subtle) as (...of: unknown[]) => Promise<unknown>;
  vi.spyOn(crypto.subtle, method).mockImplementation((async (...of: unknown[]) => {
    working++;
    try {
      return await work(...of);
    } finally {
      working--;
    }
  }) as never);
}

/** Which of its five variations a flag has, and which of those it gives: one to all, or two by halves. */
interface Shape {
  readonly names: readonly number[];
  readonly gives: readonly [number, number];
  readonly isOn: boolean;
}

type Step =
  | {
      readonly do: 'publish';
      readonly s: Shape;
      readonly t: Shape;
      readonly n: Shape | undefined;
      readonly a: number;
      /** What `b` requires of `s`, in a variation that `s` has. */
      readonly b: number | undefined;
      readonly override: boolean;
    }
  | { readonly do: 'override' | 'return' | 'return-all' | 'listen' | 'darken-stream' | 'light-stream' | 'restart' }
  | { readonly do: 'hear'; readonly who: number; readonly hears: boolean }
  | { readonly do: 'wait'; readonly seconds: number }
  /** So many transactions and offers later the press ends in the midst of one. */
  | { readonly do: 'end'; readonly after: number };

const NAMES = ['v0', 'v1', 'v2', 'v3', 'v4'];

function shaped(k: string, { names, gives, isOn }: Shape): FlagEntry {
  const v = names.map((at): [string, string, string] => {
    const name = NAMES[at] as string;
    return [name, `${k} ${name}`, variationId(`${k} ${name}`)];
  });
  const [one, other] = gives.map((give) => give % v.length) as [number, number];
  const f: FlagEntry['f'] = one === other ? one : [0, [one, 50_000, other, 100_000]];
  return { k, r: 0, v, s: `salt of ${k}`, ...(isOn ? {} : { e: 0 as const }), o: 0, c: 1, f };
}

const setOf = ({ s, t, n, a, b }: Extract<Step, { do: 'publish' }>): readonly Entry[] => [
  flag('a', a),
  flag('b', 1, b === undefined ? {} : { p: [['s', [NAMES[s.names[b % s.names.length] as number] as string]]] }),
  ...(n === undefined ? [] : [shaped('n', n)]),
  shaped('s', s),
  shaped('t', t),
];

const shape: fc.Arbitrary<Shape> = fc.record({
  names: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }),
  gives: fc.tuple(fc.nat(4), fc.nat(4)),
  isOn: fc.nat(4).map((of) => of > 0),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      ...{ s: shape, t: shape, n: fc.option(shape, { nil: undefined }), a: fc.nat(1) },
      b: fc.option(fc.nat(4), { nil: undefined }),
      override: fc.nat(9).map((of) => of === 0),
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('override', 'return', 'return-all', 'listen', 'darken-stream', 'light-stream', 'restart')
      .map((what) => ({ do: what }) as Step),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hear' as const), who: fc.nat(3), hears: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), after: fc.nat(6) }) },
);

const ONE: Shape = { names: [0], gives: [0, 0], isOn: true };
const FIRST: Step = { do: 'publish', s: ONE, t: ONE, n: undefined, a: 0, b: undefined, override: false };

/** Signing takes place on another thread; timers are turned only once nothing else goes on. */
async function carried<T>(work: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  let isDone = false;
  const ended = work.then(
    (done) => {
      [value, isDone] = [done, true];
    },
    () => {
      isDone = true;
    },
  );
  for (let idle = 0; !isDone; idle++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (working > 0) idle = 0;
    if (idle > 3) await vi.advanceTimersToNextTimerAsync();
  }
  await ended;
  return value;
}

/** Of a set, whatever the revisions are. */
const said = (entries: readonly Entry[]): string => entries.map(contentOf).sort().join('\n');

function createRun() {
  const world = createShiftWorld();
  const storage = createStorage();
  let life: Life = begin(1 / 0);
  let press: TestPress = pressIn(life);
  /** The sets that may be in force: of what was not answered, both. */
  let wanted: string[] = [];
  let acknowledge = 0;

  function begin(steps: number): Life {
    return createLife(storage, world, steps);
  }

  function pressIn({ storage: own, offers, target }: Life): TestPress {
    return createPress(signer, { storage: own, targets: [target], stream: { offers, soakMs: 5_000 } });
  }

  function restart(steps = 1 / 0): void {
    life.end();
    life = begin(steps);
    press = pressIn(life);
  }

  const inForce = (): string => said(parseLines(pressIn(begin(1 / 0)).store.inForce()?.lines ?? ''));

  function after(
    answer: Result<PublishAnswer | ReturnAnswer, Refusal> | undefined,
    set?: string,
    what: keyof typeof REFUSALS = 'publish',
  ): void {
    if (life.isOver()) {
      if (set !== undefined) wanted = [...wanted, set];
      restart();
      return;
    }
    if (answer === undefined) throw new Error('it failed without an end');
    if (!answer.ok) expect(REFUSALS[what]).toContain(answer.error.code);
    else wanted = [set ?? inForce()];
  }

  async function publish(
    entries: readonly Entry[],
    more: object = {},
  ): Promise<Result<PublishAnswer, Refusal> | undefined> {
    const { version = 0 } = press.store.inForce() ?? {};
    const known = acknowledge > 0 ? { acknowledge } : {};
    const request = { base: version, lines: entryLines(entries), confirm: ['size' as const], ...known, ...more };
    const answer = await carried(press.publish(request, 'ci'));
    after(answer, said(entries));
    return answer;
  }

  async function giveBack(request: object): Promise<void> {
    const isDark = !world.isLit;
    const answer = await carried(
      press.returnTo({ reason: 'r', ...request } as Parameters<TestPress['returnTo']>[0], 'ci'),
    );
    const ended = life.isOver();
    after(answer, ended ? undefined : inForce(), 'return');
    if (ended) wanted = [...wanted, inForce()];
    const [last] = press
      .journal(0, 1_000)
      .entries.filter(({ kind }) => kind === 'return')
      .slice(-1);
    acknowledge = last?.id ?? 0;
    if (answer?.ok !== true || !answer.value.published || ended) return;
    // Whatever waited, and whoever is dark.
    expect(press.store.released()?.version).toBe(answer.value.version);
    if (!isDark) expect(answer.value.stage).toMatchObject({ phase: 'released', everybodys: answer.value.version });
  }

  async function carryOut(one: Step): Promise<void> {
    switch (one.do) {
      case 'publish': {
        await publish(setOf(one), one.override ? { override: ['s', 't', 'n'] } : {});
        return;
      }
      case 'override': {
        const force = press.store.inForce();
        if (force === undefined) return;
        await publish(parseLines(force.lines), { override: ['s'] });
        return;
      }
      case 'return':
        return giveBack({ flags: ['s'] });
      case 'return-all':
        return giveBack({ version: 1 });
      case 'listen':
        return world.listen();
      case 'darken-stream':
      case 'light-stream':
        world.isLit = one.do === 'light-stream';
        return;
      case 'hear': {
        const instance = world.instances[one.who];
        if (instance !== undefined) instance.hears = one.hears;
        return;
      }
      case 'wait': {
        vi.setSystemTime(Date.now() + one.seconds * 1_000);
        await carried(press.tend());
        if (life.isOver()) restart();
        return;
      }
      case 'restart':
        return restart();
      case 'end':
        return restart(one.after);
      default:
        one satisfies never;
    }
  }

  /** What goes back waits for nobody, be it a return or part of a publish, nor does what somebody orders not to: then, and from then on. */
  function wrongs(): readonly string[] {
    const { store, ...own } = pressIn(begin(1 / 0));
    for (const { kind, version, changes, override = [] } of own.journal(0, 1_000).entries) {
      if (kind === 'return') world.exempt(version);
      const returned = Object.keys(changes).filter((flag) => changes[flag] === 'return');
      // What is ordered not to wait goes first of a later publish, whose number is lower.
      const free = [...returned.map((flag) => [flag, version] as const), ...override.map((flag) => [flag, 0] as const)];
      for (const [flag, from] of free) {
        const entry = store.history().entryAt(flag, version);
        if (entry !== undefined) world.exemptFrom(from, flag, givenBy(entry as FlagEntry));
      }
    }
    return world.wrongs();
  }

  /** What needs nothing is everybody's, whoever is dark and whatever waits. */
  async function expectUnhindered(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await carryOut({ do: 'wait', seconds: 20 });
    const aIn = (lines = ''): unknown => said(parseLines(lines).filter(({ k }) => k === 'a'));
    expect(aIn(splitHeader(world.everybodys() ?? '\n').lines)).toBe(aIn(press.store.inForce()?.lines));
  }

  /** By everybody and from the store. */
  function isServed(): boolean {
    const { text, version } = press.store.inForce() ?? {};
    const has = world.instances.every(({ edition }) => edition?.claims.version === version);
    return has && world.target.text === text && press.store.released()?.text === text;
  }

  return { world, carryOut, expectUnhindered, publish, inForce, isServed, wrongs, wanted: () => wanted, restart };
}

/** What may be answered where something else is under way, or was: to a publish, only that the caller knows too little. */
const REFUSALS = {
  publish: ['unacknowledged', 'wrong-base'],
  return: ['returned-already', 'nothing-before', 'unknown-version', 'not-a-return', 'invalid-entries'],
};

describe('I4: R2: a session flag', () => {
  it('gives nobody a variation that somebody who is expected does not have, whatever happens; and in the end all is served', async () => {
    const steps = fc.array(step, { minLength: 4, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(steps, async (lived) => {
        const run = createRun();
        await run.carryOut(FIRST);
        await run.carryOut({ do: 'wait', seconds: 5 });
        for (const one of lived) {
          await run.carryOut(one);
          expect(run.wrongs()).toEqual([]);
        }
        run.restart();
        run.world.isLit = true;
        await run.expectUnhindered();
        expect(run.wrongs()).toEqual([]);
        for (const instance of run.world.instances) instance.hears = true;
        const settle = async (): Promise<void> => {
          for (let turn = 0; turn < 20 && !run.isServed(); turn++) await run.carryOut({ do: 'wait', seconds: 20 });
        };
        await settle();
        expect(run.isServed()).toBe(true);
        expect(run.wanted()).toContain(run.inForce());
        const all = { names: [0, 1, 2, 3, 4], isOn: true };
        const last = {
          ...FIRST,
          s: { ...all, gives: [0, 4] },
          t: { ...all, gives: [3, 1] },
          n: { ...all, gives: [2, 2] },
          b: 2,
        } as const;
        expect((await run.publish(setOf(last)))?.ok).toBe(true);
        await settle();
        expect(run.wrongs()).toEqual([]);
        expect(run.inForce()).toBe(said(setOf(last)));
        expect(run.isServed()).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
