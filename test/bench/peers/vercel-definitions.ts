/** The flags in Vercel's packed datafile format. */
import { COLOURS, type Flag, RULE_SERVES, type RulesFlag, SHARES } from '../workload/flags.ts';

export const ENVIRONMENT = 'production';

/** Seeds are numbers: without one all flags would split the same way. */
export const vercelPayload = (flags: readonly Flag[]): string =>
  JSON.stringify({
    definitions: Object.fromEntries(flags.map((flag, index) => [flag.key, definitionOf(flag, index + 1)])),
    environment: ENVIRONMENT,
    projectId: 'bench',
  });

function definitionOf(flag: Flag, seed: number): Record<string, unknown> {
  switch (flag.shape) {
    case 'switch':
      // A bare index is a paused flag.
      return { variants: [false, true], environments: { [ENVIRONMENT]: flag.on ? { fallthrough: 1 } : 0 } };
    case 'split': {
      const fallthrough = split([100 - flag.percent, flag.percent]);
      return { variants: [false, true], seed, environments: { [ENVIRONMENT]: { fallthrough } } };
    }
    case 'rules': {
      const environment = { rules: rulesOf(flag), fallthrough: split(SHARES) };
      return { variants: COLOURS, seed, environments: { [ENVIRONMENT]: environment } };
    }
  }
}

const split = (weights: readonly number[]): unknown => ({
  type: 'split',
  base: ['user', 'key'],
  weights,
  defaultVariant: 0,
});

function rulesOf(flag: RulesFlag): unknown[] {
  const conditions = [
    [['user', 'plan'], 'eq', flag.plan],
    [['user', 'country'], 'oneOf', flag.countries],
    [['user', 'appVersion'], 'regex', { type: 'regex', pattern: versionsAbove(flag.versionAbove), flags: '' }],
    [['user', 'seats'], 'gt', flag.seatsAbove],
    [['user', 'userAgent'], 'contains', flag.agent],
  ];
  return conditions.map((condition, index) => ({ conditions: [condition], outcome: RULE_SERVES[index] }));
}

/**
 * There is no comparison of versions, so this is a pattern of the plain versions (`major.minor.patch`) above one whose
 * parts are single digits: cheaper than comparing, in favour of the peer.
 */
export function versionsAbove(version: string): string {
  const [major, minor, patch] = version.split('.').map(Number) as [number, number, number];
  const above = (digit: number): string => (digit < 9 ? `(?:[${digit + 1}-9]|\\d\\d+)` : '\\d\\d+');
  return `^(?:${above(major)}\\.|${major}\\.${above(minor)}\\.|${major}\\.${minor}\\.${above(patch)}$)`;
}
