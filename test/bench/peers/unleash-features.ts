/** The flags in Unleash's client features format. */
import { COLOURS, type Flag, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

/** `groupId` is Unleash's salt; without it all flags would split the same way. */
export const unleashPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({ version: 2, features: flags.map(featureOf) });

function featureOf(flag: Flag): Record<string, unknown> {
  const name = flag.key;
  switch (flag.shape) {
    case 'switch':
      return { name, enabled: flag.on, strategies: [] };
    case 'split': {
      const parameters = { rollout: String(flag.percent), stickiness: 'userId', groupId: name };
      return { name, enabled: true, strategies: [{ name: 'flexibleRollout', parameters }] };
    }
    case 'rules':
      return { name, enabled: true, strategies: [...rulesOf(flag), splitOf(name)] };
  }
}

/** One strategy a rule: the first whose constraints hold decides, and its variant is what it serves. */
function rulesOf(flag: RulesFlag): unknown[] {
  const constraints = [
    { contextName: 'plan', operator: 'IN', values: [flag.plan] },
    { contextName: 'country', operator: 'IN', values: flag.countries },
    { contextName: 'appVersion', operator: 'SEMVER_GT', value: flag.versionAbove },
    { contextName: 'seats', operator: 'NUM_GT', value: String(flag.seatsAbove) },
    { contextName: 'userAgent', operator: 'STR_CONTAINS', values: [flag.agent] },
  ];
  return constraints.map((constraint, index) => ({
    name: 'default',
    parameters: { groupId: flag.key },
    constraints: [constraint],
    variants: [{ name: COLOURS[RULE_SERVES[index] as number], weight: 1000, stickiness: 'userId' }],
  }));
}

const splitOf = (groupId: string): unknown => ({
  name: 'default',
  parameters: { groupId },
  variants: COLOURS.map((name, index) => ({ name, weight: (SHARES[index] as number) * 10, stickiness: 'userId' })),
});
