/** Whether a clause holds for a context. */
import { type Attributes, attributeAt, type Context, isOwn, plain, unitKey } from './context.ts';
import { type AttributeClause, type Clause, IGNORES_CASE, MANY, NEGATED, OF_PLACE, type Segment } from './flag.ts';
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
  const { path, marks } = clause;
  const wanted = (marks & NEGATED) === 0;
  if (path === undefined) return isMemberOfOne(clause.operand, context) === wanted;
  const root = (marks & OF_PLACE) === 0 ? context.attributes : (context.place as Attributes);
  const attribute = attributeAt(root, path);
  if (clause.operator === exists) return (attribute !== undefined && isOwn(root as Attributes, path)) === wanted;
  if (attribute === undefined) return false;
  const found = Array.isArray(attribute) ? elementsVerdict(clause, attribute) : valueVerdict(clause, attribute);
  // Where the operator does not apply, the clause does not hold: negation does not turn ignorance into a match.
  return found === (wanted ? YES : NO) && isOwn(root as Attributes, path);
}

function isMemberOfOne(segments: readonly Segment[], context: Context): boolean {
  for (const segment of segments) if (isMember(segment, context)) return true;
  return false;
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
