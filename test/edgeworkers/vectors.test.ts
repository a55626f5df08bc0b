import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  linesOf,
  notCarried,
  type OfrepAnswer,
  ofrepVectors,
  requestOf,
  withoutWords,
} from '../conformance/ofrep-vectors.ts';
import { loadVectors } from '../vectors/load.ts';
import { isSame, runVectors, type VectorCase, type VectorFile } from '../vectors/run.ts';
import { writeJson } from '../vectors/write.ts';
import { type BatchWorker, startBatchWorker } from './fixtures/batch-worker.ts';
import { type OfrepWorker, startOfrepWorker } from './fixtures/ofrep-worker.ts';
import { type VectorViews, vectorViews } from './fixtures/vector-views.ts';

let views: VectorViews;

beforeAll(async () => {
  views = vectorViews(await loadVectors());
});

const count = (lists: readonly (readonly unknown[])[]): number => lists.reduce((sum, { length }) => sum + length, 0);

it('a view can hold all golden vectors but those of three flags, each larger than a view', () => {
  expect(count(views.files.map(({ cases }) => cases))).toBeGreaterThanOrEqual(22_046);
  expect(views.left).toEqual([
    { file: '37-large-lists', flag: 'i100000', cases: 2 },
    { file: '37-large-lists', flag: 'i100001', cases: 2 },
    { file: '37-large-lists', flag: 'x100001', cases: 2 },
  ]);
});

describe('the core, bundled for an EdgeWorker', () => {
  let worker: BatchWorker;
  beforeAll(async () => {
    worker = await startBatchWorker();
  });
  afterAll(() => worker?.stop());

  it('decides every golden vector that a view can hold as the oracle does', async () => {
    const decisions = new Map<VectorFile['ruleset'], readonly unknown[]>();
    for (const file of views.files) decisions.set(file.ruleset, await decideAll(worker, file));
    // What comes back stands in the cases' order: the runner asks for one after the other.
    const { passed, failed } = runVectors(views.files, (ruleset) => {
      const rest = decisions.get(ruleset)?.values();
      return () => rest?.next().value;
    });
    expect(failed.slice(0, 5)).toEqual([]);
    expect([passed, failed.length]).toEqual([22_046, 0]);
  }, 120_000);
});

/** A request's body has 1 MB at most. */
const MAX_BODY = 400_000;

async function decideAll(worker: BatchWorker, { ruleset, cases }: VectorFile): Promise<readonly unknown[]> {
  const head = `{"lines":${writeJson(linesOf(ruleset.entries))},"version":${ruleset.version},"cases":[`;
  const found: unknown[] = [];
  let batch: string[] = [];
  let size = 0;
  const send = async (): Promise<void> => {
    found.push(...((await worker.ask('/evaluate', `${head}${batch.join()}]}`)) as unknown[]));
    batch = [];
    size = 0;
  };
  for (const { flag, context, place = null } of cases) {
    const one = writeJson([flag, context, place]);
    if (size + one.length > MAX_BODY) await send();
    batch.push(one);
    size += one.length;
  }
  await send();
  return found;
}

describe('the EdgeWorker as it is built', () => {
  let worker: OfrepWorker;
  beforeAll(async () => {
    worker = await startOfrepWorker();
  });
  afterAll(() => worker?.stop());

  it('answers by OFREP, from a view in EdgeKV, what the oracle decides', async () => {
    const files = ofrepVectors(views.files);
    const failed: string[] = [];
    const asked = { together: 0, alone: 0, elsewhere: 0 };
    for (const file of files) {
      await worker.publish(linesOf(file.ruleset.entries), file.ruleset.version);
      const cases = file.cases.filter(({ place = {} }) => Object.keys(place).length === 0);
      asked.elsewhere += file.cases.length - cases.length;
      for (const [body, group] of byRequest(cases)) {
        const answer = await worker.ask(undefined, body);
        asked.together += group.length;
        failed.push(...group.filter((one) => !isAnswered(answer, one)).map(({ name }) => `${file.name}: ${name}`));
      }
      for (const one of cases.filter((each, at) => notCarried(each) !== undefined || at % SHARE === 0)) {
        asked.alone++;
        const answer = await worker.ask(one.flag, requestOf(one.context));
        if (!isSame(answer, one.expect)) failed.push(`${file.name}: ${one.name}: ${JSON.stringify(answer)}`);
      }
    }
    expect(failed.slice(0, 5)).toEqual([]);
    // Where an EdgeWorker stands, its settings say: cases of other places are the core's alone. 41 more no request can ask for all flags.
    expect(asked).toEqual({ together: 20_330, alone: 875, elsewhere: 1_675 });
    expect(asked.together + asked.elsewhere + 41).toBe(22_046);
    // One read a view, whoever asks for how many of its flags.
    expect(worker.reads()).toBe(files.length);
  }, 240_000);
});

/** Of the cases, one in so many is asked alone, too. */
const SHARE = 25;

/** Those that OFREP can ask, by the request that asks for all flags. */
function byRequest(cases: readonly VectorCase[]): ReadonlyMap<string, readonly VectorCase[]> {
  const groups = new Map<string, VectorCase[]>();
  for (const one of cases.filter((each) => notCarried(each) === undefined)) {
    const body = requestOf(one.context);
    const group = groups.get(body);
    if (group) group.push(one);
    else groups.set(body, [one]);
  }
  return groups;
}

/** Whether an answer for all flags says of one what is said where it is asked alone. */
function isAnswered({ status, body }: OfrepAnswer, { flag, expect: wanted }: VectorCase): boolean {
  const flags = (body?.['flags'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const item = flags.find(({ key }) => key === flag);
  const alone = wanted as OfrepAnswer;
  if (status !== 200) return false;
  return alone.status === 404 ? item === undefined : item !== undefined && isSame(withoutWords(item), alone.body);
}
