/**
 * Which regular expressions may be written: those that other engines read the same way (as RE2 does: no look-around, no
 * back-reference, no named group) and that a checker proves to take at most quadratic time. Readers then run them natively on at most
 * 1,024 code units, where the worst quadratic ones measured take half a millisecond and the cubic ones a hundred.
 */

import { type AST, parseRegExpLiteral, visitRegExpAST } from '@eslint-community/regexpp';
// The build for browsers is the one that is plain JavaScript and synchronous; the other looks for a Java virtual machine.
import recheck from 'recheck/lib/browser.js';
import { MAX_PATTERN } from '#core/operators';

const MAX_DEGREE = 2;
/** Long enough for any pattern of 256; one that takes longer is refused. */
const CHECK_TIMEOUT_MS = 20_000;

/** What is wrong with a pattern; undefined where nothing is. */
export function patternFault(pattern: string, ignoreCase: boolean): string | undefined {
  if (pattern.length > MAX_PATTERN) return `is ${pattern.length} long, at most ${MAX_PATTERN}`;
  let syntax: AST.RegExpLiteral;
  try {
    syntax = parseRegExpLiteral(new RegExp(pattern, ignoreCase ? 'iu' : 'u'));
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`;
  }
  return foreignSyntax(syntax) ?? slowness(pattern, ignoreCase);
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
  });
  return found;
}

function slowness(pattern: string, ignoreCase: boolean): string | undefined {
  const { status, complexity } = recheck.checkSync(pattern, ignoreCase ? 'iu' : 'u', {
    // Automata for what repeats without end, and trial by seeded inputs for what repeats often; no clock, no chance.
    checker: 'auto',
    randomSeed: 1,
    skipRecall: true,
    timeout: CHECK_TIMEOUT_MS,
  });
  if (status === 'safe' || (complexity?.type === 'polynomial' && complexity.degree <= MAX_DEGREE)) return undefined;
  if (status !== 'vulnerable') return 'cannot be proven to be fast';
  const how = complexity?.type === 'polynomial' ? `time to the power of ${complexity.degree}` : 'exponential time';
  return `may take very long: ${how} on some inputs`;
}
