import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '#core/context';
import {
  linesOf,
  notCarried,
  type OfrepAnswer,
  ofrepVectors,
  requestOf,
  withoutWords,
} from '../conformance/ofrep-vectors.ts';
import { inLanes } from '../e2e/fixtures/lanes.ts';
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
  expect(count(views.files.map(({ cases }) => cases))).toBeGreaterThanOrEqual(22_402);
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
    expect([passed, failed.length]).toEqual([22_402, 0]);
  }, 300_000);
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
  it('answers by OFREP, from a view in EdgeKV, what the oracle decides, wherever its settings say that it stands', async () => {
    const files = ofrepVectors(views.files);
    const asked = { together: 0, alone: 0, places: 0, failed: [] as string[] };
    await inLanes(LANES, placesOf(files), async (place) => {
      asked.places++;
      await askAt(place, files, asked);
    });
    const { failed, ...counts } = asked;
    expect(failed.slice(0, 5)).toEqual([]);
    // 50 more no request can ask for all flags: they are among those that are asked alone.
    expect(counts).toEqual({ together: 22_352, alone: 1_156, places: 71 });
    expect(counts.together + 50).toBe(count(views.files.map(({ cases }) => cases)));
  }, 600_000);
});

const LANES = 2;

const placeOf = ({ place = {} }: VectorCase): string => writeJson(place);

const placesOf = (files: readonly VectorFile[]): ReadonlySet<string> =>
  new Set(files.flatMap(({ cases }) => cases.map(placeOf)));

interface Asked {
  together: number;
  alone: number;
  /** What was answered otherwise. */
  readonly failed: string[];
}

/** All cases of one place, by an EdgeWorker that stands there. */
async function askAt(place: string, files: readonly VectorFile[], asked: Asked): Promise<void> {
  const worker = await startOfrepWorker(JSON.parse(place) as Place);
  try {
    const own = files
      .map((file) => ({ ...file, cases: file.cases.filter((one) => placeOf(one) === place) }))
      .filter(({ cases }) => cases.length > 0);
    for (const file of own) {
      await worker.publish(linesOf(file.ruleset.entries), file.ruleset.version);
      await askFor(worker, file, asked);
    }
    // One read a view, whoever asks for how many of its flags.
    expect(worker.reads()).toBe(own.length);
  } finally {
    await worker.stop();
  }
}

async function askFor(worker: OfrepWorker, { name: file, cases }: VectorFile, asked: Asked): Promise<void> {
  for (const [body, group] of byRequest(cases)) {
    const answer = await worker.ask(undefined, body);
    asked.together += group.length;
    asked.failed.push(...group.filter((one) => !isAnswered(answer, one)).map(({ name }) => `${file}: ${name}`));
  }
  for (const one of cases.filter((each, at) => notCarried(each) !== undefined || at % SHARE === 0)) {
    asked.alone++;
    const answer = await worker.ask(one.flag, requestOf(one.context));
    if (!isSame(answer, one.expect)) asked.failed.push(`${file}: ${one.name}: ${JSON.stringify(answer)}`);
  }
}

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
