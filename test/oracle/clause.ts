import type { ContextReader, Place } from './context.ts';
import { OPERATORS, type Test, type Verdict } from './operators.ts';
import { attributeName, integer, kindAt, list, name, refuse } from './shapes.ts';

/** A clause on segments. */
export type SegmentClause = {
  readonly operator: 'segment';
  readonly negated: boolean;
  readonly segments: readonly string[];
};

/** A clause on an attribute. */
export type AttributeClause = {
  readonly operator: string;
  readonly negated: boolean;
  readonly path: readonly string[];
  readonly kind: string;
  readonly test: Test;
  readonly segments?: never;
};

/** Any clause. */
export type Clause = SegmentClause | AttributeClause;

function parsePath(value: unknown): readonly string[] {
  if (typeof value === 'string') return [attributeName(value)];
  return list(value, 1, 8).map(attributeName);
}

function parseTest(operator: unknown, values: unknown, ignoreCase: boolean): Test {
  if (operator === 'exists') {
    list(values, 0, 0);
    return () => 'YES';
  }
  const found = typeof operator === 'string' ? OPERATORS.get(operator) : undefined;
  return found === undefined ? refuse('unknown operator') : found(list(values, 1, 1_000), ignoreCase);
}

function parseBits(clause: readonly unknown[], index: number): number {
  return clause.length > index ? integer(clause[index], 0, 3) : 0;
}

function parseSegmentClause(clause: readonly unknown[]): SegmentClause {
  list(clause, 2, 3);
  const segments = list(clause[1], 1, 1_000).map(name);
  return { operator: 'segment', negated: (parseBits(clause, 2) & 1) === 1, segments };
}

/** Section 2.3 of docs/evaluation.md. */
export function parseClause(value: unknown): Clause {
  const clause = list(value, 2, 5);
  if (clause[0] === 'segment') return parseSegmentClause(clause);
  list(clause, 3, 5);
  const bits = parseBits(clause, 3);
  const test = parseTest(clause[0], clause[2], (bits & 2) === 2);
  const operator = String(clause[0]);
  return { operator, negated: (bits & 1) === 1, path: parsePath(clause[1]), kind: kindAt(clause, 4), test };
}

/** The clauses of one rule, 1 to 32. */
export function parseClauses(value: unknown): readonly Clause[] {
  return list(value, 1, 32).map(parseClause);
}

function find(clause: AttributeClause, context: ContextReader, place: Place): unknown {
  const [first] = clause.path;
  if (clause.kind === 'user' && clause.path.length === 1) {
    if (first === 'region') return place.region;
    if (first === 'cloud') return place.cloud;
    if (first === 'pop') return place.pop;
  }
  return context.attribute(clause.path, clause.kind);
}

/** Section 6 of docs/evaluation.md, before negation. */
export function judge(clause: AttributeClause, context: ContextReader, place: Place): Verdict {
  const attribute = find(clause, context, place);
  if (clause.operator === 'exists') return attribute === undefined ? 'NO' : 'YES';
  if (attribute === undefined) return 'NOT APPLICABLE';
  if (!Array.isArray(attribute)) return clause.test(attribute);
  const verdicts = context.elements(attribute).map(clause.test);
  if (verdicts.includes('YES')) return 'YES';
  return verdicts.includes('NO') ? 'NO' : 'NOT APPLICABLE';
}
