import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Place } from '#core/context';
import { SEGMENT_PREFIX } from '#schema/limits';
import {
  bodyOf,
  linesOf,
  notCarried,
  type OfrepAnswer,
  ofrepVectors,
  requestOf,
  withoutWords,
} from '../conformance/ofrep-vectors.ts';
import { loadVectors } from '../vectors/load.ts';
import {
  isSame,
  runVectorsRemotely,
  type VectorCase,
  type VectorEvaluator,
  type VectorFile,
  type VectorReport,
} from '../vectors/run.ts';
import { type Connections, openConnections, type Said } from './fixtures/connections.ts';
import { type EdgeProcess, startEdge } from './fixtures/edge-process.ts';
import { inLanes } from './fixtures/lanes.ts';
import { BULK, faultsOf, type Route, SINGLE } from './fixtures/ofrep-description.ts';

const LANES = 16;
/** Of so many contexts a file all flags are asked for together, too: of those with the most cases. */
const BULK_CONTEXTS = 8;

/** What a POP said of all flags in a context, and the cases of that context. */
interface Together {
  readonly file: VectorFile;
  readonly cases: readonly VectorCase[];
  readonly answer: OfrepAnswer;
}

let files: readonly VectorFile[];
let edge: EdgeProcess;
let connections: Connections;
let report: VectorReport;
const together: Together[] = [];
/** What the description has against any answer. */
const faults: string[] = [];

beforeAll(async () => {
  files = ofrepVectors(await loadVectors());
  const places = files.flatMap(({ cases }) => cases.map(({ place = {} }): [string, Place] => [popAt(place), place]));
  edge = await startEdge({ places: Object.fromEntries(places) });
  connections = openConnections(LANES);
  report = await runVectorsRemotely(files, popEvaluator, LANES);
}, 240_000);
afterAll(async () => {
  connections?.close();
  await edge?.stop();
});

/** A POP at each place of which there is a case; those that leave the place out are asked of one that knows nothing of it. */
const popAt = ({ region = '', cloud = '', pop = '' }: Place): string => `pop-${region}-${cloud}-${pop}`;

/** Puts the file's ruleset into the store; cases are asked of the POP at their place once it serves that. */
async function popEvaluator(file: VectorFile): Promise<VectorEvaluator> {
  const { ruleset, cases } = file;
  const pops = new Set(cases.map(({ place = {} }) => popAt(place)));
  await edge.publish(linesOf(ruleset.entries), ruleset.version, [...pops]);
  await inLanes(LANES, largestContexts(cases), async (group) => {
    const [{ context, place = {} }] = group;
    together.push({ file, cases: group, answer: await ask(BULK, BULK, context, place) });
  });
  return (flag, context, place = {}) => ask(SINGLE, `${BULK}/${encodeURIComponent(flag)}`, context, place);
}

async function ask(route: Route, path: string, context: unknown, place: Place): Promise<OfrepAnswer> {
  const headers = { authorization: `Bearer ${edge.keys.server}`, 'content-type': 'application/json' };
  const said: Said = await connections.ask(`${edge.url(popAt(place))}${path}`, { headers, body: requestOf(context) });
  faults.push(...faultsOf(route, said));
  return { status: said.status, body: bodyOf(said) };
}

type Group = readonly [VectorCase, ...VectorCase[]];

/** The cases by context and place, the most cases first. */
function largestContexts(cases: readonly VectorCase[]): Group[] {
  const groups = new Map<string, Group>();
  for (const vector of cases) {
    if (notCarried(vector) !== undefined) continue;
    const key = `${requestOf(vector.context)} ${popAt(vector.place ?? {})}`;
    const [first = vector, ...more] = groups.get(key) ?? [];
    groups.set(key, first === vector ? [vector] : [first, ...more, vector]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length).slice(0, BULK_CONTEXTS);
}

const count = (lists: readonly { readonly length: number }[]): number =>
  lists.reduce((sum, { length }) => sum + length, 0);

it('answers every golden vector over OFREP as the oracle decides it', () => {
  expect(report.failed.slice(0, 5)).toEqual([]);
  expect([report.passed, report.failed.length]).toEqual([count(files.map(({ cases }) => cases)), 0]);
  expect(report.passed).toBeGreaterThanOrEqual(22_408);
});

it('gives no answer to any of them that the description of OFREP does not allow', () => {
  expect(faults.slice(0, 5)).toEqual([]);
});

it('refuses, as the protocol has it, the few that OFREP cannot ask: these, and no others', () => {
  const counts: Record<string, number> = {};
  for (const vector of files.flatMap(({ cases }) => cases)) {
    const why = notCarried(vector);
    if (why !== undefined) counts[why] = (counts[why] ?? 0) + 1;
  }
  expect(counts).toEqual({
    'a context that is no object: refused before any evaluation': 48,
    'a flag without a name: the URL is no route': 2,
  });
});

it('answers for all flags together as it does for each alone', () => {
  expect(together.length).toBeGreaterThan(files.length);
  for (const { file, cases, answer } of together) {
    const keys = file.ruleset.entries.map(({ k }) => k).filter((key) => !key.startsWith(SEGMENT_PREFIX));
    const flags = (answer.body?.['flags'] ?? []) as readonly Readonly<Record<string, unknown>>[];
    expect([file.name, answer.status, flags.map(({ key }) => key)]).toEqual([file.name, 200, keys]);
    for (const { name, flag, expect: wanted } of cases) {
      const { status, body } = wanted as OfrepAnswer;
      const item = flags.find(({ key }) => key === flag);
      const alike = status === 404 ? item === undefined : item !== undefined && isSame(withoutWords(item), body);
      expect(alike, `${file.name}: ${name}: ${JSON.stringify(item)}`).toBe(true);
    }
  }
});
