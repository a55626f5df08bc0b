import { type Clause, parseClauses } from './clause.ts';
import * as shape from './shapes.ts';

/** A segment that passed section 2. */
export type Segment = {
  readonly kind: string;
  readonly included: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
  readonly rules: readonly (readonly Clause[])[];
};

/** What the key of every segment starts with; no flag key can. */
export const SEGMENT_PREFIX = 'segment:';

/** Section 2.2 of docs/evaluation.md. */
export function parseSegment(fields: shape.Fields): Segment {
  shape.name(shape.text(fields['k'], 0, 1_000).slice(SEGMENT_PREFIX.length));
  shape.integer(fields['r'], 0, Number.MAX_VALUE);
  const keys = (field: string) =>
    shape.has(fields, field) ? shape.unitKeys(fields[field], 100_000) : new Set<string>();
  return {
    kind: shape.has(fields, 'b') ? shape.kind(fields['b']) : 'user',
    included: keys('i'),
    excluded: keys('x'),
    rules: shape.has(fields, 'u') ? shape.list(fields['u'], 1, 100).map(parseClauses) : [],
  };
}
