/** The flags that every subject is measured with, in no subject's own format. */
import { ALPHANUMERIC, createRandom, type Random } from './random.ts';

interface Common {
  readonly key: string;
  /** The ruleset version at which the flag last changed; only Lockstep's format carries it. */
  readonly revision: number;
}

/** Shape `switch`: on or off for everybody. */
export interface SwitchFlag extends Common {
  readonly shape: 'switch';
  readonly on: boolean;
}

/** Shape `split`: true for some percent of users. */
export interface SplitFlag extends Common {
  readonly shape: 'split';
  readonly salt: string;
  readonly percent: number;
}

/** Shape `rules`: five rules, then a three-way split. */
export interface RulesFlag extends Common {
  readonly shape: 'rules';
  readonly salt: string;
  /** Rule 1, text equality: `plan` is this. */
  readonly plan: string;
  /** Rule 2, list membership: `country` is one of these. */
  readonly countries: readonly string[];
  /** Rule 3, semantic version: `appVersion` is above this. */
  readonly versionAbove: string;
  /** Rule 4, number: `seats` is above this. */
  readonly seatsAbove: number;
  /** Rule 5, text contained in `userAgent`. */
  readonly agent: string;
}

export type Flag = SwitchFlag | SplitFlag | RulesFlag;

/** The variations of a rules flag, name and value alike. */
export const COLOURS = ['control', 'blue', 'green'] as const;
export type Colour = (typeof COLOURS)[number];
/** What the rules serve, in order: indexes into `COLOURS`. */
export const RULE_SERVES = [1, 2, 1, 2, 1] as const;
export const RULE_IDS = ['staff', 'nordics', 'newest-app', 'large-teams', 'browser'] as const;
/** The split behind the rules, in percent by colour. */
export const SHARES = [34, 33, 33] as const;

/** The ruleset version that the flags belong to. */
export const VERSION = 4_711;

const AREAS = ['checkout', 'search', 'billing', 'onboarding', 'profile', 'editor', 'mobile', 'reports', 'admin'];
const THINGS = ['new-summary', 'fast-path', 'dark-mode', 'retry-policy', 'inline-help', 'bulk-import', 'v2-layout'];
const COUNTRY_LISTS = [
  ['DK', 'FI', 'IS', 'NO', 'SE'],
  ['AT', 'CH'],
  ['AU', 'NZ'],
  ['JP', 'KR', 'TW'],
];

/** The one flag that the cases a, b and c ask for. */
export const SINGLES = {
  switch: { shape: 'switch', key: 'measured-switch', revision: 2, on: true },
  split: { shape: 'split', key: 'measured-split', revision: 2, salt: 'x7Kq2mPd', percent: 25 },
  rules: {
    shape: 'rules',
    key: 'measured-rules',
    revision: 2,
    salt: 'b3Tz9wLc',
    plan: 'staff',
    countries: ['DK', 'FI', 'IS', 'NO', 'SE'],
    versionAbove: '5.1.9',
    seatsAbove: 480,
    agent: 'Edg/',
  },
} as const satisfies Record<Flag['shape'], Flag>;

/** `count` flags in ascending order of key: 50 % switches, 30 % splits, 20 % with five rules. */
export function mixedFlags(count: number): Flag[] {
  const random = createRandom(count);
  return Array.from({ length: count }, (_, index) => mixedFlag(index, random));
}

function mixedFlag(index: number, random: Random): Flag {
  const shape = random.below(100);
  // Four digits in front keep the keys in ascending order.
  const key = `f${String(index).padStart(4, '0')}-${random.pick(AREAS)}-${random.pick(THINGS)}`;
  const revision = 1 + random.below(4_000);
  if (shape < 50) return { shape: 'switch', key, revision, on: random.below(4) > 0 };
  const salt = random.text(8, ALPHANUMERIC);
  if (shape < 80) return { shape: 'split', key, revision, salt, percent: random.pick([1, 5, 10, 25, 50, 75]) };
  return {
    shape: 'rules',
    key,
    revision,
    salt,
    plan: random.pick(['staff', 'trial', 'partner']),
    countries: random.pick(COUNTRY_LISTS),
    versionAbove: `5.${random.below(2)}.${random.below(10)}`,
    seatsAbove: 440 + random.below(60),
    agent: random.pick(['Edg/', 'OPR/', 'Firefox/']),
  };
}
