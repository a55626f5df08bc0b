import { describe, expect, it } from 'vitest';
import { type AcceptedPart, createArchiveBatch } from '../../../workers/ingest/archive-batch.ts';
import { archivePrefix, hourPrefix, objectName } from '../../../workers/ingest/archive-names.ts';
import type { Cell } from '../../../workers/ingest/inbox-part.ts';

const HOUR_MS = 3_600_000;
/** 2026-11-23 08:00. */
const TIME = 1_795_420_800_000;
const CELL: Cell = ['pricing.fareBundlingV2', 'control', 3, '', 2, 'SPLIT', '', 'us-east-1', ''];

/** Units are numbered from 1. */
const units = (count: number): Uint8Array =>
  new Uint8Array(16 * count).map((_, at) => (at % 16 === 15 ? (at + 1) / 16 : 0));

const part = (rest: Partial<AcceptedPart>): AcceptedPart => ({
  position: 1,
  receivedAt: TIME,
  cells: [CELL],
  exposures: [],
  units: units(rest.exposures?.length ?? 0),
  outcomes: [],
  outcomeIds: units(rest.outcomes?.length ?? 0),
  outcomeUnits: units(rest.outcomes?.length ?? 0),
  ...rest,
});

describe('a batch of the archive', () => {
  it('has the events of parts as lines, by flag and hour, in the order in which they came', () => {
    const batch = createArchiveBatch('production', { events: 10, objects: 10 });
    batch.add(
      part({
        exposures: [
          [0, TIME],
          [0, TIME - 1],
          [0, TIME + HOUR_MS - 1],
        ],
      }),
    );
    batch.add(part({ exposures: [[0, TIME]], receivedAt: TIME + 5 }));
    const seen = [...batch.texts()].map(([prefix, lines]) => [
      prefix,
      lines.map((line) => (JSON.parse(line) as { time: number }).time - TIME),
    ]);
    expect(seen).toEqual([
      ['exposures/production/pricing.fareBundlingV2/2026/11/23/08/', [0, HOUR_MS - 1, 0]],
      ['exposures/production/pricing.fareBundlingV2/2026/11/23/07/', [-1]],
    ]);
    expect([...batch.texts().values()][0]?.[0]).toBe(
      '{"flag":"pricing.fareBundlingV2","revision":2,"variation":"control","reason":"SPLIT","version":3,"region":"us-east-1",' +
        `"unit":"AAAAAAAAAAAAAAAAAAAAAQ","time":${TIME},"receivedAt":${TIME}}\n`,
    );
  });

  it('keeps a flag and a metric of one name apart', () => {
    const batch = createArchiveBatch('production', { events: 10, objects: 10 });
    batch.add(part({ exposures: [[0, TIME]], outcomes: [[CELL[0], TIME, null, '', 'edge']] }));
    expect([...batch.texts().keys()].map((prefix) => prefix.split('/')[0])).toEqual(['exposures', 'outcomes']);
  });

  it.each([
    ['events', { events: 3, objects: 10 }],
    ['objects', { events: 10, objects: 2 }],
  ])('is full when it has as many %s as it may', (_, bounds) => {
    const batch = createArchiveBatch('production', bounds);
    expect(batch.isFull()).toBe(false);
    batch.add(part({ exposures: [[0, TIME]] }));
    expect(batch.isFull()).toBe(false);
    batch.add(
      part({
        exposures: [
          [0, TIME],
          [0, TIME + HOUR_MS],
        ],
      }),
    );
    expect(batch.isFull()).toBe(true);
  });
});

it('objects of a flag are in the order of their hours, and within one of their positions', () => {
  const folder = { kind: 'exposures', environment: 'production', subject: 'a.b' } as const;
  const nameAt = (hour: number, from: number): string =>
    objectName(hourPrefix(folder, hour), { inbox: 'i', from, until: from + 1 }, 'digest');
  const names = [nameAt(9, 1), nameAt(10, 2), nameAt(10, 10), nameAt(33, 3), nameAt(24 * 365, 1)];
  expect([...names].sort()).toEqual(names);
  expect(names[0]).toBe('exposures/production/a.b/1970/01/01/09/i-000000000001-000000000002-digest.ndjson.gz');
  expect(names.every((name) => name.startsWith(archivePrefix(folder)))).toBe(true);
});
