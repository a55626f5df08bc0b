import { expect, it } from 'vitest';
import { rehearse } from '../../../workers/akamai/rehearsal.ts';

it('the rehearsal of an instance goes the way of an event: it decides out of a view that it read', async () => {
  const decided = await rehearse();
  expect(decided.map(({ flag, decision }) => [flag, decision.version, decision.errorCode])).toEqual([
    ['a.flag', 1, undefined],
    ['b.flag', 1, undefined],
  ]);
});
