import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { createExposureTokens } from '#exposure/exposure-token';
import type { AnswerBody } from '#http/ofrep-answer';
import { MAX_EXPOSURE_TOKEN } from '#schema/exposure-limits';
import { createVouch, MAX_TOKENS } from '#sdk/edge/vouch';

const NOW = 1_795_420_830_000;
const KEY = new Uint8Array(32).fill(3);
const vouch = createVouch(new Uint8Array(32), KEY);

const decision = (rest: Partial<AnswerBody> = {}): AnswerBody => ({
  ...{ key: 'a.flag', value: true, reason: 'SPLIT', variant: 'on', metadata: { version: 9, revision: 7 } },
  ...rest,
});
const vouched = (flags: readonly AnswerBody[], attributes: unknown = { targetingKey: 'anna' }) =>
  vouch({ flags, metadata: { version: 9 } }, createContext(attributes), NOW);
const tokensIn = (flags: readonly AnswerBody[]): number =>
  flags.filter(({ metadata }) => metadata?.token !== undefined).length;

describe('what the edge signs for', () => {
  it('is a decision as a page is told it, and nothing of it is changed', () => {
    const shared = Object.freeze(decision());
    const { flags } = vouched([shared]);
    const token = flags[0]?.metadata?.token ?? '';
    expect(flags).toEqual([{ ...shared, metadata: { version: 9, revision: 7, token } }]);
    expect(createExposureTokens(KEY).verify(token, NOW)).toMatchObject({
      flag: 'a.flag',
      revision: 7,
      variation: 'on',
    });
    expect(shared.metadata).not.toHaveProperty('token');
  });

  it.each<[string, AnswerBody]>([
    ['a failure', { key: 'a.flag', errorCode: 'PARSE_ERROR', errorDetails: 'unreadable' }],
    ['what serves nothing', { key: 'a.flag', reason: 'DISABLED', metadata: { version: 9, revision: 7 } }],
    ['an offline default', decision({ metadata: { version: 0, revision: 0 } })],
    ['a default for an error', decision({ metadata: { version: 9, revision: 7, errorCode: 'PARSE_ERROR' } })],
  ])('is not %s', (_, flag) => {
    expect(vouched([flag]).flags).toEqual([flag]);
  });

  it.each<[string, unknown]>([
    ['nobody', {}],
    ['a key that is none', { targetingKey: {} }],
    [
      'a key that throws',
      {
        get targetingKey() {
          throw new Error('not to be read');
        },
      },
    ],
  ])('is nothing for %s', (_, attributes) => {
    expect(vouched([decision()], attributes)).toEqual({ flags: [decision()], metadata: { version: 9 } });
  });

  it('is so many decisions of one answer at the most, and not of ones that have none', () => {
    const flags = Array.from({ length: MAX_TOKENS + 50 }, (_, at) => decision({ key: `a.flag-${at}` }));
    expect(tokensIn(vouched([{ key: 'none' }, ...flags]).flags)).toBe(MAX_TOKENS);
  });

  it('stays within what ingest reads, however long the names are', () => {
    const long = decision({
      key: 'k'.repeat(128),
      variant: '\u{1F680}'.repeat(32),
      metadata: { version: Number.MAX_SAFE_INTEGER, revision: Number.MAX_SAFE_INTEGER },
    });
    const token = vouched([long]).flags[0]?.metadata?.token ?? '';
    expect(token.length).toBeLessThanOrEqual(MAX_EXPOSURE_TOKEN);
    expect(createExposureTokens(KEY).verify(token, NOW)).toBeDefined();
  });
});
