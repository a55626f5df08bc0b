import { expect, it } from 'vitest';
import type { Refusal } from '#rollout/machine/refusal';
import { refusalMessage } from '#rollout/machine/refusal-message';

const REFUSALS: readonly (readonly [Refusal, string])[] = [
  [
    { code: 'wrong-status', status: 'draft', takes: ['running', 'holding'] },
    'the rollout is draft, and not running or holding',
  ],
  [{ code: 'stale', sequence: 7 }, 'at sequence 7 by now'],
  [{ code: 'stopped', why: 'paused' }, 'stopped already (paused)'],
  [{ code: 'not-stopped' }, 'nothing is stopped'],
  [{ code: 'no-approval-needed' }, 'needs no approval'],
  [{ code: 'own-change' }, 'ask somebody else'],
  [{ code: 'no-role', roles: ['a', 'b'] }, 'approved by a or b'],
  [{ code: 'approved-already' }, 'approved it already'],
  [{ code: 'no-proposal', proposal: 3 }, 'no change 3 of the plan waits'],
  [{ code: 'not-the-author' }, 'only whoever proposed'],
  [{ code: 'immutable', field: 'flag' }, 'the flag of a rollout never changes'],
  [{ code: 'stage-in-use', percent: 5 }, '5 % are served now'],
  [{ code: 'nothing-changes' }, 'like that already'],
  [{ code: 'no-version' }, 'a whole number above 0'],
];

it.each(REFUSALS)('the refusal %o says what to mend', (refusal, text) => {
  expect(refusalMessage(refusal)).toContain(text);
});
