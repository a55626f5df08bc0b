import { liesIn, parseAddress, parseBlock } from './addresses.ts';
import { list, refuse, text } from './shapes.ts';
import { parseTimestamp } from './timestamps.ts';
import { compareVersions, parseVersion, type Version, withinCaret, withinTilde } from './versions.ts';

/** What section 6 says of one present attribute, or one element of a list. */
export type Verdict = 'YES' | 'NO' | 'NOT APPLICABLE';

/** Tests one present value that is not a list. */
export type Test = (attribute: unknown) => Verdict;

type Operator = (values: readonly unknown[], ignoreCase: boolean) => Test;

/** `read` refuses a bad clause value; `apply` gives undefined for an attribute that the operator does not apply to. */
function operator<A, V>(
  read: (value: unknown, ignoreCase: boolean) => V,
  apply: (attribute: unknown, ignoreCase: boolean) => A | undefined,
  holds: (attribute: A, value: V) => boolean,
): Operator {
  return (raw, ignoreCase) => {
    const values = list(raw, 1, 1_000).map((value) => read(value, ignoreCase));
    return (attribute) => {
      const applied = apply(attribute, ignoreCase);
      if (applied === undefined) return 'NOT APPLICABLE';
      return values.some((value) => holds(applied, value)) ? 'YES' : 'NO';
    };
  };
}

function fold(value: string, ignoreCase: boolean): string {
  return ignoreCase ? value.toLowerCase() : value;
}

function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : refuse('not a finite number');
}

function shortText(attribute: unknown, ignoreCase: boolean): string | undefined {
  if (typeof attribute !== 'string' || attribute.length > 16_384) return undefined;
  return fold(attribute, ignoreCase);
}

function member(value: unknown, ignoreCase: boolean): string | number | boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return finite(value);
  return fold(text(value, 0, 1_024), ignoreCase);
}

function scalar(attribute: unknown, ignoreCase: boolean): string | number | boolean | undefined {
  if (typeof attribute === 'boolean' || typeof attribute === 'number') return attribute;
  return shortText(attribute, ignoreCase);
}

function textual(holds: (attribute: string, value: string) => boolean): Operator {
  return operator((value, ignoreCase) => fold(text(value, 1, 1_024), ignoreCase), shortText, holds);
}

function pattern(value: unknown, ignoreCase: boolean): RegExp {
  const source = text(value, 1, 256);
  try {
    return new RegExp(source, ignoreCase ? 'iu' : 'u');
  } catch {
    return refuse('pattern does not compile');
  }
}

function patternInput(attribute: unknown): string | undefined {
  return typeof attribute === 'string' && attribute.length <= 1_024 ? attribute : undefined;
}

function numeric(holds: (attribute: number, value: number) => boolean): Operator {
  return operator(finite, (attribute) => (typeof attribute === 'number' ? attribute : undefined), holds);
}

function parsed<T>(parse: (value: unknown) => T | undefined): (value: unknown) => T {
  return (value) => {
    if (typeof value === 'string') text(value, 0, 1_024);
    if (typeof value === 'number') finite(value);
    return parse(value) ?? refuse('value of the wrong form');
  };
}

function temporal(holds: (attribute: number, value: number) => boolean): Operator {
  return operator(parsed(parseTimestamp), parseTimestamp, holds);
}

function versioned(holds: (attribute: Version, value: Version) => boolean): Operator {
  return operator(parsed(parseVersion), parseVersion, holds);
}

/** All operators on attributes but `exists`, which the clause itself answers. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['in', operator(member, scalar, (attribute, value) => attribute === value)],
  ['startsWith', textual((attribute, value) => attribute.startsWith(value))],
  ['endsWith', textual((attribute, value) => attribute.endsWith(value))],
  ['contains', textual((attribute, value) => attribute.includes(value))],
  ['matches', operator(pattern, patternInput, (attribute, value) => value.test(attribute))],
  ['lessThan', numeric((attribute, value) => attribute < value)],
  ['atMost', numeric((attribute, value) => attribute <= value)],
  ['greaterThan', numeric((attribute, value) => attribute > value)],
  ['atLeast', numeric((attribute, value) => attribute >= value)],
  ['before', temporal((attribute, value) => attribute < value)],
  ['after', temporal((attribute, value) => attribute > value)],
  ['semverEquals', versioned((attribute, value) => compareVersions(attribute, value) === 0)],
  ['semverLessThan', versioned((attribute, value) => compareVersions(attribute, value) < 0)],
  ['semverAtMost', versioned((attribute, value) => compareVersions(attribute, value) <= 0)],
  ['semverGreaterThan', versioned((attribute, value) => compareVersions(attribute, value) > 0)],
  ['semverAtLeast', versioned((attribute, value) => compareVersions(attribute, value) >= 0)],
  ['semverTilde', versioned(withinTilde)],
  ['semverCaret', versioned(withinCaret)],
  ['inCidr', operator(parsed(parseBlock), parseAddress, liesIn)],
]);
