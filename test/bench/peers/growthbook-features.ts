/**
 * The flags in GrowthBook's features format, with the fields that its server writes for a rollout and for an experiment
 * (growthbook/growthbook, `packages/back-end/src/util/features.ts`): a rule's id, hash attribute and version, seed, key, phase, and
 * the variations' keys. The seed is the flag's salt: without one, a flag's cohort would hang on its name, which no other subject's does.
 */
import { COLOURS, type Flag, RULE_IDS, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

export const growthbookPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({ features: Object.fromEntries(flags.map((flag) => [flag.key, featureOf(flag)])) });

function featureOf(flag: Flag): Record<string, unknown> {
  switch (flag.shape) {
    case 'switch':
      return { defaultValue: flag.on };
    case 'split':
      return {
        defaultValue: false,
        rules: [{ id: 'rollout', force: true, coverage: flag.percent / 100, ...hashing(flag) }],
      };
    case 'rules':
      return { defaultValue: COLOURS[0], rules: [...forcesOf(flag), split(flag)] };
  }
}

function forcesOf(flag: RulesFlag): unknown[] {
  const conditions = [
    { plan: flag.plan },
    { country: { $in: flag.countries } },
    { appVersion: { $vgt: flag.versionAbove } },
    { seats: { $gt: flag.seatsAbove } },
    // There is no operator for "contains"; a regular expression is how GrowthBook writes it.
    { userAgent: { $regex: flag.agent } },
  ];
  return conditions.map((condition, index) => ({
    id: RULE_IDS[index],
    condition,
    force: COLOURS[RULE_SERVES[index] as number],
  }));
}

const hashing = ({ salt }: { readonly salt: string }): object => ({ hashAttribute: 'id', hashVersion: 2, seed: salt });

const split = (flag: RulesFlag): unknown => ({
  id: 'experiment',
  coverage: 1,
  ...hashing(flag),
  variations: COLOURS,
  weights: SHARES.map((percent) => percent / 100),
  key: flag.key,
  meta: COLOURS.map((_, index) => ({ key: String(index) })),
  phase: '0',
});
