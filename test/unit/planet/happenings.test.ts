import { expect, it } from 'vitest';
import { happenings } from '../../../scripts/planet/page/happenings.ts';
import type { PlanetStatus, PopStatus } from '../../../scripts/planet/status.ts';

const pop = (version: number | null, changes: object = {}): PopStatus['status'] => ({
  version,
  ageMs: 400,
  stale: false,
  refusals: 0,
  storeErrors: 0,
  source: 'kv',
  ...changes,
});

const status = (changes: Partial<PlanetStatus> = {}): PlanetStatus => ({
  environment: 'production',
  time: 0,
  processes: [{ name: 'edge-dub', state: 'running', pid: 7, url: 'http://127.0.0.1:1', restarts: 0 }],
  links: [{ name: 'edge-dub/kv', faults: [], calls: 1, failed: 0 }],
  pops: [{ name: 'dub', cloud: 'cloudflare', region: 'eu-west-1', status: pop(3) }],
  origins: [],
  board: { version: 3, floor: 3, everywhere: true, regions: [] },
  control: { entries: 5, signed: 5, environments: [] },
  publisher: { version: 3, entries: 41, unacknowledged: 0, targets: [] },
  ingest: { total: 0, quarantined: 0 },
  ...changes,
});

const target = (state: string, more: object = {}): Partial<PlanetStatus> => ({
  publisher: {
    version: 3,
    entries: 41,
    unacknowledged: 0,
    targets: [{ name: 'edgekv-staging', version: 3, state, attempts: 0, ...more }],
  },
});

const dub = (one: PopStatus['status']): Partial<PlanetStatus> => ({
  pops: [{ name: 'dub', cloud: 'cloudflare', region: 'eu-west-1', status: one }],
});

it('says once what there is', () => {
  expect(happenings(undefined, status())).toEqual(['connected: dub version 3']);
  expect(happenings(undefined, status(dub(null)))).toEqual(['connected']);
});

it('says nothing where only time goes by', () => {
  const later = status({
    time: 1_000,
    ...dub(pop(3, { ageMs: 900, storeErrors: 4 })),
    ingest: { total: 9, quarantined: 0 },
  });
  expect(happenings(status(), later)).toEqual([]);
});

it.each<[string, Partial<PlanetStatus>, readonly string[]]>([
  ['a version', dub(pop(4)), ['dub serves version 4']],
  ['staleness', dub(pop(3, { stale: true, ageMs: 15_250 })), ['dub: STALE, 15.3 s old']],
  ['a POP that is gone', dub(null), ['dub: no answer']],
  ['offline defaults', dub(pop(null)), ['dub serves no version', 'dub: offline defaults']],
  ['a refusal', dub(pop(3, { refusals: 1, lastRefusal: { code: 'signature' } })), ['dub refused a ruleset: signature']],
  [
    'convergence',
    { board: { version: 4, floor: 4, everywhere: true, regions: [] } },
    ['version 4 is in force everywhere'],
  ],
  ['a version on its way', { board: { version: 4, floor: 3, everywhere: false, regions: [] } }, []],
  ['a publish', { publisher: { version: 4, entries: 41, unacknowledged: 0, targets: [] } }, ['version 4 is published']],
  [
    'a process that is down',
    { processes: [{ name: 'edge-dub', state: 'down', pid: null, url: '', restarts: 0 }] },
    ['edge-dub is down'],
  ],
  [
    'a process that was started again',
    { processes: [{ name: 'edge-dub', state: 'running', pid: 8, url: '', restarts: 1 }] },
    ['edge-dub was started again'],
  ],
  [
    'a fault',
    { links: [{ name: 'edge-dub/kv', faults: [{ fault: 'cut' }], calls: 1, failed: 0 }] },
    ['edge-dub/kv: cut'],
  ],
])('tells of %s', (_, changes, told) => {
  expect(happenings(status(), status(changes))).toEqual(told);
});

it('tells of a link that is whole again', () => {
  const faulty = status({
    links: [{ name: 'edge-dub/kv', faults: [{ fault: 'drop', share: 0.25 }], calls: 1, failed: 0 }],
  });
  expect(happenings(faulty, status())).toEqual(['edge-dub/kv is whole again']);
});

it('tells of a target that fails, and that it holds the version in force again, but not of the way there', () => {
  const [written, pending] = [status(target('written')), status(target('pending'))];
  const failing = status(target('failing', { version: 2, attempts: 3, error: 'Network connection lost.' }));
  expect(happenings(written, failing)).toEqual(['target edgekv-staging: failing, Network connection lost.']);
  expect(happenings(failing, pending)).toEqual([]);
  expect(happenings(failing, written)).toEqual(['target edgekv-staging: written']);
});

it('says that config is frozen, and that it is no more, once each', () => {
  const message = 'config is frozen in production';
  const frozen = status({ control: { entries: 6, signed: 5, environments: [], message } });
  expect(happenings(status(), frozen)).toEqual([message]);
  expect(happenings(frozen, frozen)).toEqual([]);
  expect(happenings(frozen, status())).toEqual(['config is frozen no more']);
});
