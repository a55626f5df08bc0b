/** Decisions with nothing general about them: comparisons written by hand, decision objects made beforehand. */
import { xxh32, xxh32Word } from '#core/xxh32';
import type { Value } from '../subject.ts';
import { COLOURS, type Flag, type RulesFlag, type SplitFlag } from '../workload/flags.ts';
import type { User } from '../workload/users.ts';

export interface Decision {
  readonly value: Value;
  readonly variation: string;
  readonly reason: string;
}

export interface Split {
  readonly seed: number;
  /** Bucket at which true begins. */
  readonly from: number;
  readonly off: Decision;
  readonly on: Decision;
}

export interface Rules {
  readonly seed: number;
  readonly flag: RulesFlag;
  readonly version: number;
  readonly matched: { readonly blue: Decision; readonly green: Decision };
  readonly split: { readonly control: Decision; readonly blue: Decision; readonly green: Decision };
}

export type Entry =
  | { readonly shape: 'switch'; readonly served: Decision }
  | { readonly shape: 'split'; readonly split: Split }
  | { readonly shape: 'rules'; readonly rules: Rules };

const decision = (value: Value, reason: string): Decision => ({ value, variation: String(value), reason });

export const servedOf = (on: boolean): Decision => decision(on, on ? 'STATIC' : 'DISABLED');

export const splitOf = (flag: SplitFlag): Split => ({
  seed: xxh32(flag.salt, 0),
  from: 100_000 - flag.percent * 1_000,
  off: decision(false, 'SPLIT'),
  on: decision(true, 'SPLIT'),
});

export function rulesOf(flag: RulesFlag): Rules {
  const [control, blue, green] = COLOURS;
  return {
    seed: xxh32(flag.salt, 0),
    flag,
    version: versionNumber(flag.versionAbove),
    matched: { blue: decision(blue, 'TARGETING_MATCH'), green: decision(green, 'TARGETING_MATCH') },
    split: { control: decision(control, 'SPLIT'), blue: decision(blue, 'SPLIT'), green: decision(green, 'SPLIT') },
  };
}

export function entryOf(flag: Flag): Entry {
  switch (flag.shape) {
    case 'switch':
      return { shape: 'switch', served: servedOf(flag.on) };
    case 'split':
      return { shape: 'split', split: splitOf(flag) };
    case 'rules':
      return { shape: 'rules', rules: rulesOf(flag) };
  }
}

const bucket = (hash: number, seed: number): number => Math.floor((xxh32Word(hash, seed) * 100_000) / 0x1_0000_0000);

export const bySplit = (split: Split, hash: number): Decision =>
  bucket(hash, split.seed) < split.from ? split.off : split.on;

/** The decision of the five rules; undefined where none matches. */
export function byRules({ flag, version, matched }: Rules, user: User): Decision | undefined {
  if (user.plan === flag.plan) return matched.blue;
  if (flag.countries.includes(user.country)) return matched.green;
  if (versionNumber(user.appVersion) > version) return matched.blue;
  if (user.seats > flag.seatsAbove) return matched.green;
  return user.userAgent.includes(flag.agent) ? matched.blue : undefined;
}

export function byColours({ seed, split }: Rules, hash: number): Decision {
  const found = bucket(hash, seed);
  if (found < 34_000) return split.control;
  return found < 67_000 ? split.blue : split.green;
}

/** `major.minor.patch`, known to be well formed, as one number. */
function versionNumber(text: string): number {
  let total = 0;
  let part = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x2e) {
      total = (total + part) * 1_000;
      part = 0;
    } else part = part * 10 + unit - 0x30;
  }
  return total + part;
}
