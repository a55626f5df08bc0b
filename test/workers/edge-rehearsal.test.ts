import { expect, it } from 'vitest';
import { rehearse } from '../../workers/edge/rehearsal.ts';

it('the rehearsal at an isolate’s start-up goes the way of requests: it decides out of a ruleset that it took', async () => {
  const replies = await rehearse();
  expect(replies.map(({ status, headers }) => [status, headers['lockstep-version']])).toEqual(
    Array(3).fill([200, '1']),
  );
  const [one, other, all] = replies.map(({ body }) => JSON.parse(body ?? '') as { variant?: string; flags?: unknown });
  expect([one?.variant, other?.variant, all?.flags]).toEqual([expect.any(String), expect.any(String), [one, other]]);
});
