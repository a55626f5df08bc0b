/** Prepares a decoding case: makes the payload, checks that it opens, warms up. */
import { setImmediate } from 'node:timers/promises';
import { type DecodingCase, flagsOf, usersOf } from '../cases.ts';
import type { Runner, SubjectName } from '../subject.ts';
import { loadSubject } from '../subjects/index.ts';
import { jsonFloor } from '../subjects/json-floor.ts';
import { verifyAll } from '../verify.ts';
import type { Flag } from '../workload/flags.ts';
import type { User } from '../workload/users.ts';
import { timed, warmUp } from './clock.ts';
import type { Bench, Memory } from './protocol.ts';

/** Opens a payload and, where the case asks for it, evaluates every flag once. Returns what must stay alive. */
type Open = (payload: string) => Promise<Opened>;

interface Opened {
  readonly hits: number;
  readonly kept: unknown;
  close?(): void | Promise<void>;
}

/** Payloads opened for the median of the heap that one retains. */
const HEAP_SAMPLES = 9;

export async function prepareDecoding(name: DecodingCase, subject: SubjectName): Promise<Bench> {
  const flags = flagsOf(name);
  const evaluated = name.endsWith('evaluated');
  const [text, open] = subject === 'floor' ? parsing(flags) : await opening(subject, flags, usersOf(name), evaluated);
  const bytes = new TextEncoder().encode(text);
  const payload = new TextDecoder().decode(bytes);
  const runner = opened(open, payload);
  const count = await warmUp(runner);
  return {
    round: async () => (await timed(runner, count)) / count,
    memory: () => retained(open, bytes),
  };
}

function parsing(flags: readonly Flag[]): [string, Open] {
  return [jsonFloor.payload(flags), async (payload) => ({ hits: 1, kept: jsonFloor.open(payload) })];
}

async function opening(
  name: SubjectName,
  flags: readonly Flag[],
  users: readonly User[],
  evaluated: boolean,
): Promise<[string, Open]> {
  const subject = await loadSubject(name);
  const text = subject.payload(flags);
  const keys = flags.map(({ key }) => key);
  const trial = await subject.open(text);
  await verifyAll(trial, flags, users.slice(0, 3));
  await trial.close?.();
  const open: Open = async (payload) => {
    const engine = await subject.open(payload);
    const hits = evaluated ? await engine.all(keys, users.slice(0, 1))(1) : 1;
    return { hits, kept: engine, close: () => engine.close?.() };
  };
  return [text, open];
}

function opened(open: Open, payload: string): Runner {
  return async (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      const found = await open(payload);
      hits += found.hits;
      await found.close?.();
    }
    return hits;
  };
}

/** Median of the heap that an opened payload holds on to, its text included where it does. */
async function retained(open: Open, bytes: Uint8Array): Promise<Memory> {
  const found: number[] = [];
  for (let sample = 0; sample < HEAP_SAMPLES; sample++) found.push(await retainedOnce(open, bytes));
  found.sort((a, b) => a - b);
  return { bytes: found[HEAP_SAMPLES >> 1] as number };
}

/** In a frame of its own, so that one sample's engine is gone when the next one begins. */
async function retainedOnce(open: Open, bytes: Uint8Array): Promise<number> {
  const before = await heap();
  const engine = await open(new TextDecoder().decode(bytes));
  const grown = (await heap()) - before;
  if (engine.kept === undefined) throw new Error('nothing was opened');
  await engine.close?.();
  return grown;
}

async function heap(): Promise<number> {
  // Some peers let go of things only a turn or two of the event loop later.
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
