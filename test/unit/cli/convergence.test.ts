import { expect, it } from 'vitest';
import { type Board, boardText } from '../../../scripts/cli/convergence.ts';

const board: Board = {
  ...{ version: 12, asked: 12, floor: 12, everywhere: true, stage: null, waiting: null, share: null },
  regions: [
    { region: 'us-east-1', cloud: 'aws', version: 12, lowest: 12, ageMs: 1_240, instances: 3, behind: 0, stale: 0 },
  ],
  instances: [
    { instance: 'relay-1', kind: 'relay', region: 'us-east-1', version: 12, ageMs: 1_240, stale: false, behind: false },
  ],
};

it('says that a version is everywhere, and where that is', () => {
  expect(boardText(board).split('\n')).toEqual([
    'version 12 is in force everywhere',
    '',
    'region     cloud  version  lowest  age    instances  behind  stale',
    'us-east-1  aws    12       12      1.2 s  3          0       0',
  ]);
});

it('R21: names who is behind, with the age and the refusal', () => {
  const dub = {
    ...{
      instance: 'relay-dub',
      kind: 'relay',
      region: 'northeurope',
      version: 11,
      ageMs: 40_000,
      stale: true,
      behind: true,
    },
    error: { code: 'bad-entries', version: 12, message: 'a.flag: no' },
  };
  const text = boardText({
    ...board,
    ...{ everywhere: false, floor: 11, share: 0.75, stage: { version: 13, audience: 'canary' } },
    instances: [...board.instances, dub],
  });
  expect(text).toContain('version 12 is not in force everywhere\nversion 13 is with its canary\n');
  expect(text).toContain('the lowest in force anywhere is 11\n75.0 % of');
  expect(text.split('\n').at(-1)).toBe(
    'relay  relay-dub  northeurope  version 11  40.0 s  is behind  refused 12: bad-entries: a.flag: no',
  );
});

it('R21: names who is waited for before anybody is given a version', () => {
  const places = [{ region: 'northeurope', cloud: 'azure', instances: 2 }];
  const waiting = { version: 14, needs: 13, flags: ['pricing.fares'], behind: { places, targets: ['kv'] } };
  expect(boardText({ ...board, waiting })).toContain(
    'version 14 waits, for pricing.fares, until everybody has version 13: not yet 2 in northeurope (azure), kv\n',
  );
});

it('says so where nobody was heard', () => {
  expect(boardText({ ...board, regions: [], instances: [] })).toContain('no instance was heard');
});

it('names the region that nobody was heard in', () => {
  const nobody = { ...board, everywhere: false, regions: [], instances: [] };
  expect(boardText(nobody, 'us-esat-1').split('\n')).toEqual([
    'version 12 is not in force everywhere in us-esat-1',
    'no instance of us-esat-1 was heard in the last ten minutes',
  ]);
});
