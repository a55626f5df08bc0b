/** A refusal as somebody may hear it who may not read all that there is: it names nothing that they did not name themselves (B51). */
import type { Refusal } from '#control/refusal';
import { withoutChoice } from '#ruleset/write/issue';
import type { Principal } from '#schema/control-principal';
import type { ApiRefusal } from './api-refusal.ts';
import { wholeRefusal } from './readable.ts';

const OTHERS = 'what you may not read';

export function unnamed(refusal: ApiRefusal, principal: Principal): ApiRefusal {
  switch (refusal.code) {
    case 'invalid':
      return mayReadAll(principal, refusal.environment) ? refusal : withoutChoices(refusal);
    case 'salt-taken':
      return mayReadAll(principal, null) ? refusal : { ...refusal, by: OTHERS };
    case 'in-use':
      return mayReadAll(principal, null) ? refusal : { ...refusal, by: [OTHERS] };
    default:
      return refusal;
  }
}

const mayReadAll = (principal: Principal, environment: string | null): boolean =>
  wholeRefusal(principal, environment, 'read') === undefined;

type Invalid = Extract<Refusal, { code: 'invalid' }>;

const withoutChoices = (refusal: Invalid): Invalid => ({
  ...refusal,
  issues: refusal.issues.map((issue) => ({ ...issue, message: withoutChoice(issue.message) })),
});
