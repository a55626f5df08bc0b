/** The flags in LaunchDarkly's data model, as its streaming and polling endpoints send them. */
import { COLOURS, type Flag, RULE_IDS, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

/** No salts: a rollout is salted with the flag's key anyway. */
export const launchdarklyPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({ flags: Object.fromEntries(flags.map((flag) => [flag.key, flagOf(flag)])), segments: {} });

function flagOf(flag: Flag): Record<string, unknown> {
  const { key, revision } = flag;
  const common = { key, version: revision % 0x1_0000_0000, offVariation: 0 };
  switch (flag.shape) {
    case 'switch':
      return { ...common, on: flag.on, fallthrough: { variation: 1 }, variations: [false, true] };
    case 'split':
      return {
        ...common,
        on: true,
        fallthrough: rollout([100 - flag.percent, flag.percent]),
        variations: [false, true],
      };
    case 'rules':
      return { ...common, on: true, rules: rulesOf(flag), fallthrough: rollout(SHARES), variations: COLOURS };
  }
}

const rollout = (percents: readonly number[]): unknown => ({
  rollout: { variations: percents.map((percent, variation) => ({ variation, weight: percent * 1_000 })) },
});

function rulesOf(flag: RulesFlag): unknown[] {
  const clauses = [
    { attribute: 'plan', op: 'in', values: [flag.plan] },
    { attribute: 'country', op: 'in', values: flag.countries },
    { attribute: 'appVersion', op: 'semVerGreaterThan', values: [flag.versionAbove] },
    { attribute: 'seats', op: 'greaterThan', values: [flag.seatsAbove] },
    { attribute: 'userAgent', op: 'contains', values: [flag.agent] },
  ];
  return clauses.map((clause, index) => ({ id: RULE_IDS[index], clauses: [clause], variation: RULE_SERVES[index] }));
}
