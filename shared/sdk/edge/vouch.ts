/** Signs for what a page is told, so that the page can show whom it was told of: `#exposure/exposure-token`. */
import type { Context } from '#core/context';
import { createExposureTokens } from '#exposure/exposure-token';
import { createPseudonymiser } from '#exposure/pseudonym';
import { userKey } from '#exposure/user-key';
import type { AnswerBody, AnswerMetadata } from '#http/ofrep-answer';
import type { BulkAnswer } from '#http/ofrep-reply';

/** The answer with the unit's pseudonym, and a `token` in the metadata of each decision that exposes somebody. */
export type Vouch = (answer: BulkAnswer, context: Context, now: number) => BulkAnswer;

/** Of one answer: each is some 150 bytes of a page, and some microseconds. */
export const MAX_TOKENS = 100;
const MINUTE_MS = 60_000;

export function createVouch(unitKey: Uint8Array, tokenKey: Uint8Array): Vouch {
  const pseudonym = createPseudonymiser(unitKey);
  const tokens = createExposureTokens(tokenKey);

  return (answer, context, now) => {
    const key = userKey(context);
    if (key === undefined) return answer;
    const unit = pseudonym('user', key);
    const minute = Math.floor(now / MINUTE_MS);
    let left = MAX_TOKENS;

    function vouched(one: AnswerBody): AnswerBody {
      const { key: flag, variant: variation, metadata } = one;
      if (metadata === undefined || variation === undefined || !isOfRuleset(metadata) || left === 0) return one;
      left--;
      const token = tokens.sign({ unit, flag, revision: metadata.revision, variation, minute });
      return { ...one, metadata: { ...metadata, token } };
    }
    return { flags: answer.flags.map(vouched), metadata: { ...answer.metadata, unit } };
  };
}

/** Nobody is exposed by an offline default, whether there is no ruleset yet or the flag cannot be read. */
const isOfRuleset = ({ version, errorCode }: AnswerMetadata): boolean => version > 0 && errorCode === undefined;
