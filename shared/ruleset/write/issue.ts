import { SEGMENT_PREFIX } from '#schema/limits';

/** A mistake in authored flags: where it is, what was found and what is allowed. */
export interface Issue {
  /** From the root of the authored document, as `['flags', 'pricing.x', 'rules', 0]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const quoted = (names: Iterable<string>): string => [...names].map((name) => JSON.stringify(name)).join(', ');

const CHOICE = '; there are ';

/** The same, without the names that there are: for whoever may not read them. */
export const withoutChoice = (message: string): string => message.split(CHOICE, 1).join('');

/** An issue unless `name` is one of `known`. */
export function unknownName(
  path: Issue['path'],
  what: string,
  name: string,
  known: Iterable<string>,
): readonly Issue[] {
  const names = [...known];
  if (names.includes(name)) return [];
  const choice = names.length <= 12 ? `${CHOICE}${quoted(names) || 'none'}` : '';
  return [{ path, message: `${what} ${JSON.stringify(name)} does not exist${choice}` }];
}

/** Percentages that exceed 100 together. */
export function sumIssues(path: Issue['path'], percents: Readonly<Record<string, number>>): Issue[] {
  // In thousandths, where sums are exact.
  const sum = Object.values(percents).reduce((total, percent) => total + Math.round(percent * 1_000), 0);
  return sum > 100_000 ? [{ path, message: `add up to ${sum / 1_000} %, at most 100 %` }] : [];
}

/** Where an entry is authored. */
export const pathOf = (key: string): string[] =>
  key.startsWith(SEGMENT_PREFIX) ? ['segments', key.slice(SEGMENT_PREFIX.length)] : ['flags', key];
