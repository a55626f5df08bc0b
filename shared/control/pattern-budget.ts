/**
 * How much a change may have proven. Proving holds up whoever asks for anything else meanwhile, so all new patterns of a change share a
 * time; each that is proven is remembered, so that the same change has more of it for the others when it comes again. What is applied later
 * was within it when it was submitted, and is not asked again: an approved change is not refused because a machine is busy.
 */
import type { Issue } from '#ruleset/write/issue';
import { isJudged, judgeWithin } from '#ruleset/write/patterns';
import type { Operation } from '#schema/control-operation';
import { type Content, itemId, SECTIONS } from './item.ts';
import { get } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import { isItemOperation } from './stage.ts';
import type { State } from './state.ts';

/** Nothing is known of so many of them. */
export const MAX_NEW_PATTERNS = 100;
/** Milliseconds for all of them, 2 s together: each has an equal part of the first, and each that is left over one of the second. */
const FIRST_MS = 500;
const SECOND_MS = 1_500;

interface NewPattern {
  readonly environment: string;
  readonly path: Issue['path'];
  readonly pattern: string;
  readonly ignoreCase: boolean;
}

/** Once the author was found to be allowed what the operations name. */
export function patternRefusal(state: State, operations: readonly Operation[]): Refusal | undefined {
  const found = newPatterns(state, operations);
  const over = found[MAX_NEW_PATTERNS];
  if (over !== undefined)
    return refusalOf([over], `is new, with at least ${MAX_NEW_PATTERNS} others: divide the change`);
  const slow = unjudged(unjudged(found, FIRST_MS), SECOND_MS);
  const message = 'cannot be proven to be fast in the time of one change: divide the change, or simplify the pattern';
  return slow.length === 0 ? undefined : refusalOf(slow, message);
}

function unjudged(patterns: readonly NewPattern[], milliseconds: number): readonly NewPattern[] {
  const share = Math.ceil(milliseconds / Math.max(1, patterns.length));
  return patterns.filter(({ pattern, ignoreCase }) => !judgeWithin(pattern, ignoreCase, share));
}

/** Of the environment of the first: a refusal is of one. */
function refusalOf(patterns: readonly NewPattern[], message: string): Refusal {
  const environment = patterns[0]?.environment ?? '';
  const issues = patterns.flatMap((one) => (one.environment === environment ? [{ path: one.path, message }] : []));
  return { code: 'invalid', environment, issues };
}

/** One of each, as many as are asked about. */
function newPatterns(state: State, operations: readonly Operation[]): readonly NewPattern[] {
  const found = new Map<string, NewPattern>();
  for (const operation of operations) {
    if (!isItemOperation(operation)) continue;
    const { environment, kind, key } = operation;
    for (const { path, pattern, ignoreCase } of patternsOf(contentBrought(state, operation))) {
      if (isJudged(pattern, ignoreCase)) continue;
      const whole = [SECTIONS[kind], key, ...path];
      const id = `${ignoreCase} ${pattern}`;
      if (!found.has(id)) found.set(id, { environment, path: whole, pattern, ignoreCase });
      if (found.size > MAX_NEW_PATTERNS) return [...found.values()];
    }
  }
  return [...found.values()];
}

/** What comes out of the archive was perhaps never compiled. */
function contentBrought(state: State, operation: Extract<Operation, { environment: string }>): Content | undefined {
  const { op, kind, key } = operation;
  if (op !== 'put' && op !== 'restore') return undefined;
  if (operation.body !== undefined) return { kind, body: operation.body } as Content;
  const environment = get(state.environments, operation.environment);
  return environment && get(environment.items, itemId(kind, key));
}

function patternsOf(content: Content | undefined): readonly Omit<NewPattern, 'environment'>[] {
  if (content?.kind !== 'flag' && content?.kind !== 'segment') return [];
  const rules = content.body.rules.map(({ when }) => when);
  return rules.flatMap((when, rule) =>
    when.flatMap((clause, nth) => {
      if ('segment' in clause || clause.op !== 'matches') return [];
      const { values, ignoreCase } = clause;
      return values.flatMap((pattern, at) => {
        const path = ['rules', rule, 'when', nth, 'values', at];
        return typeof pattern === 'string' && pattern !== '' ? [{ path, pattern, ignoreCase }] : [];
      });
    }),
  );
}
