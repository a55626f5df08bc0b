/** What an event handler decides, and how it is handed on. Pure. */
import type { Context } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { Ruleset } from '#core/flag';

/** A decision of one flag, with its reason as it is told: STALE past the staleness bound. */
export interface Decided {
  readonly flag: string;
  readonly decision: Decision;
  readonly reason: string;
}

export function decideAll(
  ruleset: Ruleset,
  flags: readonly string[],
  context: Context,
  stale: boolean,
): readonly Decided[] {
  return flags.map((flag) => {
    const decision = evaluate(ruleset, flag, context);
    return { flag, decision, reason: stale && decision.errorCode === undefined ? 'STALE' : decision.reason };
  });
}
