import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import { LINES, rehearse } from '../../workers/edge/rehearsal.ts';

describe('the rehearsal at an isolate’s start-up', () => {
  it('comes to its end', async () => {
    await expect(rehearse()).resolves.toBeUndefined();
  });

  it('is of a ruleset that readers take, so that it goes all the way', () => {
    const reader = readLines(LINES, 1);
    expect(reader.faults()).toEqual([]);
    const context = createContext({ targetingKey: 'user-1' }, {});
    expect(reader.flagKeys().map((key) => evaluate(reader, key, context).errorCode)).toEqual([undefined, undefined]);
  });
});
