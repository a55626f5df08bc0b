/**
 * Which regular expressions may be written: those that other engines have too (no look-around, no back-reference, no named group), and
 * that a checker proves to take at most quadratic time. Readers then run them natively on at most 1,024 code units, where the worst
 * quadratic ones measured take half a millisecond and the cubic ones a hundred.
 */

import { type AST, parseRegExpLiteral, visitRegExpAST } from '@eslint-community/regexpp';
// The build for browsers is the one that is plain JavaScript and synchronous; the other looks for a Java virtual machine.
import recheck from 'recheck/lib/browser.js';
import { MAX_PATTERN } from '#core/operators';

const MAX_DEGREE = 2;
/** A pattern that takes longer to prove is refused; of one change all together have less: `#control/pattern-budget`. */
const CHECK_TIMEOUT_MS = 5_000;
/** No text that people target has it: what ends in it fails on every input. */
const NEVER = '\\u{10fffd}';

/** Proving is slow, and the same patterns come again with every compilation. */
const verdicts = new Map<string, string | undefined>();
const REMEMBERED = 1_000;
const UNPROVEN = 'cannot be proven to be fast';

const idOf = (pattern: string, ignoreCase: boolean): string => `${ignoreCase ? 'i' : ''}/${pattern}`;

/** What is wrong with a pattern; undefined where nothing is. */
export function patternFault(pattern: string, ignoreCase: boolean): string | undefined {
  const id = idOf(pattern, ignoreCase);
  if (verdicts.has(id)) return verdicts.get(id);
  const fault = findFault(pattern, ignoreCase, CHECK_TIMEOUT_MS);
  remember(id, fault);
  return fault;
}

/** Whether `patternFault` will say at once what is wrong with it. */
export const isJudged = (pattern: string, ignoreCase: boolean): boolean => verdicts.has(idOf(pattern, ignoreCase));

/** Has it judged if that takes no longer (milliseconds); else nothing is known of it, as before. */
export function judgeWithin(pattern: string, ignoreCase: boolean, timeout: number): boolean {
  if (isJudged(pattern, ignoreCase)) return true;
  const fault = findFault(pattern, ignoreCase, timeout);
  if (fault === UNPROVEN) return false;
  remember(idOf(pattern, ignoreCase), fault);
  return true;
}

/** In the place of the oldest, where there are very many. */
function remember(id: string, fault: string | undefined): void {
  const [oldest] = verdicts.keys();
  if (verdicts.size >= REMEMBERED && oldest !== undefined) verdicts.delete(oldest);
  verdicts.set(id, fault);
}

function findFault(pattern: string, ignoreCase: boolean, timeout: number): string | undefined {
  if (pattern.length > MAX_PATTERN) return `is ${pattern.length} long, at most ${MAX_PATTERN}`;
  const flags = ignoreCase ? 'iu' : 'u';
  let syntax: AST.RegExpLiteral;
  try {
    syntax = parseRegExpLiteral(new RegExp(pattern, flags));
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`;
  }
  const unbounded = withoutBounds(syntax);
  // Where there are two proofs, each has half of the time.
  const share = unbounded === undefined ? timeout : Math.ceil(timeout / 2);
  return (
    foreignSyntax(syntax) ??
    slowness(syntax.pattern.raw, flags, share) ??
    (unbounded === undefined ? undefined : slowness(unbounded, flags, share))
  );
}

function foreignSyntax(syntax: AST.RegExpLiteral): string | undefined {
  let found: string | undefined;
  visitRegExpAST(syntax, {
    onAssertionEnter({ kind }) {
      if (kind === 'lookahead' || kind === 'lookbehind') found = 'uses look-around, which not every engine has';
    },
    onBackreferenceEnter() {
      found = 'uses a back-reference, which not every engine has';
    },
    onCapturingGroupEnter({ name }) {
      if (name !== null) found = 'names a group, which engines write in different ways';
    },
    onQuantifierEnter({ max, element }) {
      // Each round may be left out: with a count, engines try every choice of rounds.
      if (max > 1 && max !== Number.POSITIVE_INFINITY && isNullable(element))
        found = 'may take very long: it counts repetitions of what may be empty';
    },
    onCharacterClassEnter({ elements }) {
      if (elements.length === 0) found = 'has an empty class, which not every engine takes';
    },
  });
  return found;
}

/** Whether a part of a pattern can match the empty text. */
function isNullable(node: AST.Element): boolean {
  switch (node.type) {
    case 'Quantifier':
      return node.min === 0 || isNullable(node.element);
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(({ elements }) => elements.every(isNullable));
    case 'Assertion':
    case 'Backreference':
      return true;
    default:
      return false;
  }
}

/**
 * The pattern with every counted repetition (`{2,30}`) made endless, and made to fail at its end; undefined where nothing is counted. What
 * automata prove is growth without bound, and to them a count is a bound, however many ways lead up to it: whoever can be slow within a
 * count is slow without one.
 */
function withoutBounds({ raw, pattern }: AST.RegExpLiteral): string | undefined {
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  let counted = false;
  visitRegExpAST(pattern, {
    onQuantifierEnter({ min, max, greedy, element, end }) {
      if (max === Number.POSITIVE_INFINITY || max <= 1) return;
      counted = true;
      edits.push({ start: element.end, end, text: `${min === 0 ? '*' : '+'}${greedy ? '' : '?'}` });
    },
    onAssertionEnter({ kind, start, end }) {
      if (kind === 'end') edits.push({ start, end, text: NEVER });
    },
  });
  if (!counted) return undefined;
  // From the end, so that what is still to be edited stays where it is.
  const edited = edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), raw);
  return `(?:${edited.slice(1, edited.lastIndexOf('/'))})${NEVER}`;
}

function slowness(pattern: string, flags: string, timeout: number): string | undefined {
  const { status, complexity } = recheck.checkSync(pattern, flags, {
    checker: 'automaton',
    skipRecall: true,
    timeout,
  });
  if (status === 'safe' || (complexity?.type === 'polynomial' && complexity.degree <= MAX_DEGREE)) return undefined;
  if (status !== 'vulnerable') return UNPROVEN;
  const how = complexity?.type === 'polynomial' ? `time to the power of ${complexity.degree}` : 'exponential time';
  return `may take very long: ${how} on some inputs`;
}
