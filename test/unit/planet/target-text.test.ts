import { expect, it } from 'vitest';
import { targetText } from '../../../scripts/planet/target-text.ts';

it.each([
  [{ state: 'written', version: 7, attempts: 0 }, 'written, version 7'],
  [{ state: 'pending', version: null, attempts: 0 }, 'pending, version none'],
  [{ state: 'failing', version: 6, attempts: 1, error: 'HTTP 500' }, 'failing, version 6 (1 attempt: HTTP 500)'],
  [{ state: 'pending', version: 6, attempts: 3 }, 'pending, version 6 (3 attempts)'],
])('says how a target stands: %j', (target, text) => {
  expect(targetText(target)).toBe(text);
});
