/** The flags in GrowthBook's features format, as its SDK endpoint sends them. */
import { COLOURS, type Flag, RULE_IDS, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

/** No seeds: a rollout or experiment is seeded with the feature's key anyway. */
export const growthbookPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({ features: Object.fromEntries(flags.map((flag) => [flag.key, featureOf(flag)])) });

function featureOf(flag: Flag): Record<string, unknown> {
  switch (flag.shape) {
    case 'switch':
      return { defaultValue: flag.on };
    case 'split':
      return { defaultValue: false, rules: [{ force: true, coverage: flag.percent / 100 }] };
    case 'rules':
      return { defaultValue: COLOURS[0], rules: [...forcesOf(flag), split()] };
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

const split = (): unknown => ({ variations: COLOURS, weights: SHARES.map((percent) => percent / 100) });
