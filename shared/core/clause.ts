/** Whether a clause holds for a context. */
import { attributeAt, type Context, type Place, plain, unitKey } from './context.ts';
import {
  type AttributeClause,
  type Clause,
  IGNORES_CASE,
  MANY,
  NEGATED,
  OF_PLACE,
  type Segment,
  type SegmentClause,
} from './flag.ts';
import { MAX_ATTRIBUTE_ELEMENTS, MAX_ATTRIBUTE_STRING } from './limits.ts';
import { exists, NO, NOT_APPLICABLE, type Operand, type Verdict, YES } from './operators.ts';

/** True where this clause and those behind it hold. */
export function allHold(first: Clause, context: Context): boolean {
  for (let clause: Clause | undefined = first; clause !== undefined; clause = clause.next) {
    if (!holds(clause, context)) return false;
  }
  return true;
}

export function holds(clause: Clause, context: Context): boolean {
  const found = clause.path === undefined ? segmentsVerdict(clause, context) : attributeVerdict(clause, context);
  // Where the operator does not apply, the clause does not hold: negation does not turn ignorance into a match.
  return found !== NOT_APPLICABLE && (found === YES) !== ((clause.marks & NEGATED) !== 0);
}

function segmentsVerdict({ operand }: SegmentClause, context: Context): Verdict {
  for (const segment of operand) if (isMember(segment, context)) return YES;
  return NO;
}

/** Included beats excluded beats rules. */
export function isMember(segment: Segment, context: Context): boolean {
  if (segment.included.size > 0 || segment.excluded.size > 0) {
    const key = unitKey(context, segment.kind);
    if (key !== undefined) {
      if (segment.included.has(key)) return true;
      if (segment.excluded.has(key)) return false;
    }
  }
  for (const first of segment.rules) if (allHold(first, context)) return true;
  return false;
}

function attributeVerdict(clause: AttributeClause, context: Context): Verdict {
  const { path, marks } = clause;
  const attribute = (marks & OF_PLACE) === 0 ? attributeAt(context, path) : context.place[path as keyof Place];
  if (clause.operator === exists) return attribute === undefined ? NO : YES;
  if (attribute === undefined) return NOT_APPLICABLE;
  return Array.isArray(attribute) ? elementsVerdict(clause, attribute) : valueVerdict(clause, attribute);
}

/** YES where one of the first 1,000 elements gives YES, else NO where one gives NO. */
function elementsVerdict(clause: AttributeClause, elements: readonly unknown[]): Verdict {
  let found: Verdict = NOT_APPLICABLE;
  const count = Math.min(elements.length, MAX_ATTRIBUTE_ELEMENTS);
  for (let index = 0; index < count; index++) {
    const element = plain(elements[index]);
    if (element === undefined) continue;
    const one = valueVerdict(clause, element);
    if (one === YES) return YES;
    if (one === NO) found = NO;
  }
  return found;
}

function valueVerdict({ operator, operand, marks }: AttributeClause, value: unknown): Verdict {
  let tested = value;
  if (typeof value === 'string') {
    if (value.length > MAX_ATTRIBUTE_STRING) return NOT_APPLICABLE;
    if ((marks & IGNORES_CASE) !== 0 && operator.folds) tested = value.toLowerCase();
  }
  if ((marks & MANY) === 0) return operator.test(tested, operand);
  for (const one of operand as readonly Operand[]) {
    const found = operator.test(tested, one);
    // Whether the operator applies is the same for all of its values.
    if (found !== NO) return found;
  }
  return NO;
}
