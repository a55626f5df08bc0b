/** The board: which version is in force where, by the word of those who have it. Pure. */
import type { Position } from '#ruleset/position';
import type { Ack, InstanceKind } from '#schema/acks';
import { UNHEARD_MS } from '#schema/stream-limits';
import type { Audience } from './audience.ts';
import type { Behind } from './behind.ts';
import type { ConvergenceQuery } from './convergence-query.ts';
import { expectedOf, placeOf } from './expected.ts';
import type { Heard } from './instance-board.ts';

export interface Convergence {
  readonly environment: string;
  /** What everybody ought to have. */
  readonly version: number;
  readonly digest: string;
  /** The lowest version in force anywhere. */
  readonly floor: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The version that `everywhere`, `behind` and `share` are about: the one that was asked about, else the one in force. */
  readonly asked: number;
  /**
   * Every instance that is expected is at or above it, and was heard lately. Expected is who was heard within ten minutes; of a region that
   * was not heard at all, everybody who was within a day. Never where somebody asks about a region or a kind of which nobody is: it may be
   * misspelt, or gone.
   */
  readonly everywhere: boolean;
  /** A newer one that some have. */
  readonly stage: { readonly version: number; readonly audience: Audience } | null;
  /** A newer one that nobody is given before everybody has what it needs. */
  readonly waiting: Waiting | null;
  /** Of the last ten seconds' decisions: those made at or above it; null where none were told. */
  readonly share: number | null;
  readonly regions: readonly RegionRow[];
  readonly instances: readonly InstanceRow[];
  /** For `cursor`, where there are more. */
  readonly next?: string;
}

export interface Waiting {
  readonly version: number;
  /** The version that everybody must have first, and the flags for whose sake. */
  readonly needs: number;
  readonly flags: readonly string[];
  readonly behind: Behind;
}

export interface RegionRow {
  readonly region: string;
  readonly cloud: string;
  /** The highest and the lowest in force there. */
  readonly version: number;
  readonly lowest: number;
  /** Of what its worst instance serves (milliseconds): it grows while that one cannot be heard. */
  readonly ageMs: number;
  readonly instances: number;
  readonly behind: number;
  readonly stale: number;
}

export interface InstanceRow {
  readonly instance: string;
  readonly kind: InstanceKind;
  readonly region: string;
  readonly cloud: string;
  readonly via?: string;
  readonly version: number;
  readonly ageMs: number;
  readonly lastSeenAt: number;
  /** It has a stream here. */
  readonly connected: boolean;
  readonly stale: boolean;
  readonly behind: boolean;
  readonly error?: NonNullable<Ack['error']>;
}

export interface ConvergenceState extends Position {
  readonly environment: string;
  readonly floor: number;
  readonly stage: Convergence['stage'];
  readonly waiting: Waiting | null;
  readonly heard: Iterable<Heard>;
  isConnected(instance: string): boolean;
}

export function convergence(state: ConvergenceState, query: ConvergenceQuery, now: number): Convergence {
  const { environment, version, digest, floor, stage, waiting } = state;
  const asked = query.version ?? version;
  const heard = expectedOf([...state.heard], now).filter(({ ack }) => isMeant(ack, query));
  const rows = heard.map((one) => rowOf(one, asked, state.isConnected(one.ack.instance), now));
  const inOrder = rows.sort((one, other) => (one.instance < other.instance ? -1 : 1));
  const behindCursor = inOrder.filter(({ instance }) => instance > (query.cursor ?? ''));
  const page = behindCursor.slice(0, query.limit);
  return {
    ...{ environment, version, digest, floor, time: now, asked },
    everywhere:
      (rows.length > 0 || isAboutAll(query)) && rows.every((row) => !row.behind && now - row.lastSeenAt <= UNHEARD_MS),
    ...{ stage, waiting },
    share: shareOf(heard, asked, now),
    regions: regionsOf(inOrder),
    instances: page,
    ...(behindCursor.length > page.length && { next: page.at(-1)?.instance ?? '' }),
  };
}

const isAboutAll = ({ region, kind }: ConvergenceQuery): boolean => region === undefined && kind === undefined;

const isMeant = ({ region, kind }: Ack, query: ConvergenceQuery): boolean =>
  (query.region === undefined || region === query.region) && (query.kind === undefined || kind === query.kind);

function rowOf({ ack, heardAt }: Heard, asked: number, connected: boolean, now: number): InstanceRow {
  const { instance, kind, region, cloud, via, version, error } = ack;
  const silence = Math.max(0, now - heardAt);
  return {
    ...{ instance, kind, region, cloud, ...(via !== undefined && { via }), version },
    ageMs: ack.ageMs + silence,
    lastSeenAt: heardAt,
    connected,
    stale: ack.stale || silence > UNHEARD_MS,
    behind: version < asked,
    ...(error && { error }),
  };
}

/** Undecided where nobody has told of a decision. */
function shareOf(heard: readonly Heard[], asked: number, now: number): number | null {
  const recent = heard.filter(({ heardAt }) => now - heardAt <= UNHEARD_MS);
  const counts = recent.flatMap(({ ack }) => ack.decisions?.byVersion ?? []);
  const sum = (of: typeof counts): number => of.reduce((total, [, count]) => total + count, 0);
  const total = Math.max(
    sum(counts),
    recent.reduce((all, { ack }) => all + (ack.decisions?.total ?? 0), 0),
  );
  return total === 0 ? null : sum(counts.filter(([version]) => version >= asked)) / total;
}

function regionsOf(rows: readonly InstanceRow[]): RegionRow[] {
  const byPlace = new Map<string, InstanceRow[]>();
  for (const row of rows) {
    const place = placeOf(row);
    const there = byPlace.get(place) ?? [];
    there.push(row);
    byPlace.set(place, there);
  }
  return [...byPlace]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, of]) => regionOf(of as [InstanceRow, ...InstanceRow[]]));
}

function regionOf(rows: readonly [InstanceRow, ...InstanceRow[]]): RegionRow {
  const [{ region, cloud, version }] = rows;
  const row = { region, cloud, version, lowest: version, ageMs: 0, instances: rows.length, behind: 0, stale: 0 };
  for (const one of rows) {
    row.version = Math.max(row.version, one.version);
    row.lowest = Math.min(row.lowest, one.version);
    row.ageMs = Math.max(row.ageMs, one.ageMs);
    if (one.behind) row.behind++;
    if (one.stale) row.stale++;
  }
  return row;
}
