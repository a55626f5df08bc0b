/** Whether a clause's operator takes its values. */
import type { OperatorName } from '#core/operators';
import type { Authored, AuthoredClause } from '#schema/authored';
import { takesValues } from '#schema/operands';
import { type Issue, unknownName } from './issue.ts';
import { patternFault } from './patterns.ts';

/** What each operator takes, for messages. */
const TAKES: Readonly<Record<OperatorName, string>> = {
  in: 'one or more texts, numbers or booleans',
  startsWith: 'one or more texts that are not empty',
  endsWith: 'one or more texts that are not empty',
  contains: 'one or more texts that are not empty',
  matches: 'one or more regular expressions',
  lessThan: 'one or more numbers',
  atMost: 'one or more numbers',
  greaterThan: 'one or more numbers',
  atLeast: 'one or more numbers',
  before: 'RFC 3339 timestamps (2026-11-23T08:00:00Z) or milliseconds since 1970',
  after: 'RFC 3339 timestamps (2026-11-23T08:00:00Z) or milliseconds since 1970',
  semverEquals: 'semantic versions (2.3.0), in quotes',
  semverLessThan: 'semantic versions (2.3.0), in quotes',
  semverAtMost: 'semantic versions (2.3.0), in quotes',
  semverGreaterThan: 'semantic versions (2.3.0), in quotes',
  semverAtLeast: 'semantic versions (2.3.0), in quotes',
  semverTilde: 'semantic versions (2.3.0), in quotes',
  semverCaret: 'semantic versions (2.3.0), in quotes',
  inCidr: 'IP addresses or CIDR blocks (10.0.0.0/8, 2001:db8::/32)',
  exists: 'no values',
};

const IGNORES_CASE: ReadonlySet<string> = new Set(['equals', 'in', 'startsWith', 'endsWith', 'contains', 'matches']);

export function clauseIssues(path: Issue['path'], clause: AuthoredClause, { segments }: Authored): readonly Issue[] {
  if ('segment' in clause) {
    return clause.segment.flatMap((name) => unknownName([...path, 'segment'], 'segment', name, Object.keys(segments)));
  }
  const { op, values, ignoreCase } = clause;
  const issues: Issue[] = [];
  if (ignoreCase && !IGNORES_CASE.has(op)) {
    issues.push({ path: [...path, 'ignoreCase'], message: `has no meaning for ${op}` });
  }
  if (op === 'equals' && values.length !== 1) {
    issues.push({ path: [...path, 'values'], message: `has ${values.length} values, equals takes one; see in` });
  }
  const name = op === 'equals' ? 'in' : op;
  if (name === 'matches') return [...issues, ...patternIssues(path, values, ignoreCase)];
  if (!takesValues(name, values, ignoreCase)) {
    const message = `${shown(values)} does not suit ${op}, which takes ${TAKES[name]}`;
    issues.push({ path: [...path, 'values'], message });
  }
  return issues;
}

function patternIssues(path: Issue['path'], values: readonly unknown[], ignoreCase: boolean): Issue[] {
  if (values.length === 0) return [{ path: [...path, 'values'], message: `is empty, matches takes ${TAKES.matches}` }];
  return values.flatMap((value, at) => {
    const fault =
      typeof value === 'string' && value !== '' ? patternFault(value, ignoreCase) : 'is no regular expression';
    return fault === undefined ? [] : [{ path: [...path, 'values', at], message: `${shown(value)} ${fault}` }];
  });
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};
