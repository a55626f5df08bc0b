/** The flags in flagd's definition format. */
import { COLOURS, type Flag, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

/** No salts: flagd buckets by the flag's key and the targeting key. */
export const flagdPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({ flags: Object.fromEntries(flags.map((flag) => [flag.key, definitionOf(flag)])) });

const BOOLEANS = { off: false, on: true };
const COLOUR_VARIANTS = Object.fromEntries(COLOURS.map((colour) => [colour, colour]));

function definitionOf(flag: Flag): Record<string, unknown> {
  switch (flag.shape) {
    case 'switch':
      return flag.on
        ? { state: 'ENABLED', variants: BOOLEANS, defaultVariant: 'on' }
        : { state: 'DISABLED', variants: BOOLEANS, defaultVariant: 'off' };
    case 'split': {
      const targeting = fractional(['off', 'on'], [100 - flag.percent, flag.percent]);
      return { state: 'ENABLED', variants: BOOLEANS, defaultVariant: 'off', targeting };
    }
    case 'rules': {
      const targeting = { if: [...rulesOf(flag), fractional(COLOURS, SHARES)] };
      return { state: 'ENABLED', variants: COLOUR_VARIANTS, defaultVariant: COLOURS[0], targeting };
    }
  }
}

const fractional = (variants: readonly string[], percents: readonly number[]): unknown => ({
  fractional: variants.map((variant, index) => [variant, percents[index]]),
});

/** Condition, outcome, condition, outcome, …, as JsonLogic's `if` takes them. */
function rulesOf(flag: RulesFlag): unknown[] {
  const conditions = [
    { '==': [{ var: 'plan' }, flag.plan] },
    { in: [{ var: 'country' }, flag.countries] },
    { sem_ver: [{ var: 'appVersion' }, '>', flag.versionAbove] },
    { '>': [{ var: 'seats' }, flag.seatsAbove] },
    { in: [flag.agent, { var: 'userAgent' }] },
  ];
  return conditions.flatMap((condition, index) => [condition, COLOURS[RULE_SERVES[index] as number]]);
}
