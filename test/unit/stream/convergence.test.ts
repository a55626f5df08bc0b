import { describe, expect, it } from 'vitest';
import type { Ack } from '#schema/acks';
import { type Convergence, convergence } from '../../../workers/stream/convergence.ts';
import { type ConvergenceQuery, readConvergenceQuery } from '../../../workers/stream/convergence-query.ts';
import { createInstanceBoard, type Heard } from '../../../workers/stream/instance-board.ts';

const NOW = 1_795_420_800_000;
const MINUTE = 60_000;

const ackOf = (instance: string, more: Partial<Ack> = {}): Ack => ({
  instance,
  ...{ kind: 'relay', region: 'us-east-1', cloud: 'aws', version: 7, digest: 'a'.repeat(43), ageMs: 100, stale: false },
  ...more,
});

const heard = (ack: Ack, agoMs = 0): Heard => ({ ack, heardAt: NOW - agoMs });

function boardOf(all: readonly Heard[], query: Partial<ConvergenceQuery> = {}): Convergence {
  const state = {
    environment: 'production',
    version: 7,
    digest: 'd',
    floor: 6,
    stage: null,
    waiting: null,
    heard: all,
  };
  return convergence(
    { ...state, isConnected: (instance) => instance.startsWith('relay') },
    { limit: 100, ...query },
    NOW,
  );
}

describe('the board', () => {
  it('says everywhere where everybody who is expected is there and was heard lately', () => {
    expect(boardOf([]).everywhere).toBe(true);
    // Misspelt, or gone.
    for (const query of [{ region: 'us-esat-1' }, { kind: 'sdk' as const }]) {
      expect(boardOf([heard(ackOf('a'))], query).everywhere).toBe(false);
    }
    expect(boardOf([heard(ackOf('a')), heard(ackOf('b', { version: 8 }), 15_000)]).everywhere).toBe(true);
    expect(boardOf([heard(ackOf('a')), heard(ackOf('b', { version: 6 }))]).everywhere).toBe(false);
    expect(boardOf([heard(ackOf('a')), heard(ackOf('b'), 15_001)]).everywhere).toBe(false);
    // Nobody waits for whoever has been gone for ten minutes.
    expect(boardOf([heard(ackOf('a')), heard(ackOf('b', { version: 6 }), 10 * MINUTE)]).everywhere).toBe(true);
  });

  it('R21: B17: shows the applied version of a region that was cut off, behind and of an age that grows', () => {
    const dub = ackOf('relay-dub', { region: 'northeurope', cloud: 'azure', version: 6 });
    const rows = [5_000, 40_000].map((silence) => boardOf([heard(ackOf('relay-iad')), heard(dub, silence)]).regions[0]);
    expect(rows).toEqual([
      { region: 'northeurope', cloud: 'azure', version: 6, lowest: 6, ageMs: 5_100, instances: 1, behind: 1, stale: 0 },
      {
        region: 'northeurope',
        cloud: 'azure',
        version: 6,
        lowest: 6,
        ageMs: 40_100,
        instances: 1,
        behind: 1,
        stale: 1,
      },
    ]);
  });

  it('R21: B17: forgets no region that is dark for longer than anybody is expected back', () => {
    const dub = heard(ackOf('relay-dub', { region: 'northeurope', cloud: 'azure', version: 6 }), 11 * MINUTE);
    const board = boardOf([heard(ackOf('relay-iad')), dub]);
    expect(board.everywhere).toBe(false);
    expect(board.regions[0]).toMatchObject({ region: 'northeurope', version: 6, behind: 1, stale: 1, ageMs: 660_100 });
    // Somebody else there has taken its place.
    const another = heard(ackOf('relay-dub-2', { region: 'northeurope', cloud: 'azure' }));
    expect(boardOf([heard(ackOf('relay-iad')), dub, another]).everywhere).toBe(true);
  });

  it('asks about another version, a region, a kind', () => {
    const sdk = ackOf('sdk-1', { kind: 'sdk', region: 'northeurope', version: 5, via: 'relay-1' });
    const all = [heard(ackOf('relay-1')), heard(sdk)];
    expect(boardOf(all, { version: 5 })).toMatchObject({ everywhere: true, asked: 5, version: 7 });
    expect(boardOf(all, { region: 'us-east-1' })).toMatchObject({
      everywhere: true,
      instances: [{ instance: 'relay-1' }],
    });
    expect(boardOf(all, { kind: 'sdk' })).toMatchObject({
      everywhere: false,
      instances: [{ via: 'relay-1', connected: false }],
    });
  });

  it("tells the share of the last ten seconds' decisions", () => {
    const decisions = (total: number, ...byVersion: [number, number][]) => ({ decisions: { total, byVersion } });
    expect(boardOf([heard(ackOf('a'))]).share).toBeNull();
    const all = [heard(ackOf('a', decisions(30, [7, 30]))), heard(ackOf('b', decisions(10, [6, 6], [8, 4])))];
    expect(boardOf(all).share).toBe(0.85);
    expect(boardOf(all, { version: 8 }).share).toBe(0.1);
    // Those of whoever is silent are not of the last ten seconds.
    expect(boardOf([...all, heard(ackOf('c', decisions(1_000, [1, 1_000])), 20_000)]).share).toBe(0.85);
    // Versions that were left out for room count as old.
    expect(boardOf([heard(ackOf('a', decisions(100, [7, 50])))]).share).toBe(0.5);
  });

  it('comes in pages that leave nothing out', () => {
    const all = ['d', 'a', 'c', 'e', 'b'].map((name) => heard(ackOf(name)));
    const first = boardOf(all, { limit: 2 });
    const second = boardOf(all, { limit: 2, cursor: first.next! });
    const last = boardOf(all, { limit: 2, cursor: second.next! });
    expect([first, second, last].map(({ instances }) => instances.map(({ instance }) => instance))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ]);
    expect(last.next).toBeUndefined();
    expect(last.regions[0]?.instances).toBe(5);
  });

  it('reads its query strictly', () => {
    const read = (query: string) => readConvergenceQuery(new URLSearchParams(query));
    expect(read('')).toEqual({ ok: true, value: { limit: 100 } });
    expect(read('version=7&region=us-east-1&kind=sdk&limit=5&cursor=a')).toEqual({
      ok: true,
      value: { version: 7, region: 'us-east-1', kind: 'sdk', limit: 5, cursor: 'a' },
    });
    for (const bad of ['version=x', 'version=-1', 'kind=browser', 'limit=0', 'limit=1001', 'cursor=%20', 'region=%0a'])
      expect([bad, read(bad).ok]).toEqual([bad, false]);
    // Passed over, it would be an answer about everybody.
    expect(read('regoin=us-east-1')).toEqual({
      ok: false,
      error: '"regoin" is no parameter; there are version, region, kind, limit, cursor',
    });
  });
});

describe('the instances that are remembered', () => {
  it('are bounded: whoever was heard longest ago makes room, unless everybody is still expected', () => {
    const board = createInstanceBoard([], 3);
    for (const name of ['a', 'b', 'c']) board.hear(ackOf(name), NOW);
    expect([board.hear(ackOf('d'), NOW + MINUTE), board.size]).toEqual([false, 3]);
    board.hear(ackOf('a'), NOW + MINUTE);
    expect([board.hear(ackOf('d'), NOW + 10 * MINUTE), board.of('b'), board.size]).toEqual([true, undefined, 3]);
  });

  it('are forgotten after a day, or when they say goodbye, and hold the floor down until then', () => {
    const board = createInstanceBoard();
    board.hear(ackOf('a', { version: 3 }), NOW);
    board.hear(ackOf('b', { version: 5 }), NOW + MINUTE);
    board.hear(ackOf('c', { version: 0, digest: '' }), NOW + MINUTE);
    expect(board.floor(7)).toBe(3);
    board.forgetOld(NOW + 24 * 60 * MINUTE);
    expect(board.floor(7)).toBe(5);
    board.forget('b');
    expect([board.floor(7), board.floor(9), board.size]).toEqual([7, 9, 1]);
  });

  it('are written down when something changes, and once a minute', () => {
    const board = createInstanceBoard();
    const saved = (): string[] => board.unsaved().heard.map(({ ack }) => ack.instance);
    board.hear(ackOf('a'), NOW);
    expect([saved(), saved()]).toEqual([['a'], []]);
    board.hear(ackOf('a', { ageMs: 5 }), NOW + 5_000);
    expect(saved()).toEqual([]);
    board.hear(ackOf('a', { version: 8 }), NOW + 6_000);
    expect(saved()).toEqual(['a']);
    board.hear(ackOf('a', { version: 8 }), NOW + 6_000 + MINUTE);
    expect(saved()).toEqual(['a']);
    board.forget('a');
    expect(board.unsaved()).toEqual({ heard: [], gone: ['a'] });
  });
});
