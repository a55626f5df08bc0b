/**
 * Which regular expressions may be written: those that other engines read the same way (as RE2 does: no look-around, no
 * back-reference) and that a checker proves bounded. Readers then run them natively on at most 1,024 code units.
 */

import { type AST, parseRegExpLiteral, visitRegExpAST } from '@eslint-community/regexpp';
import { isSafePattern } from 'redos-detector';
import { MAX_PATTERN } from '#core/operators';

/** Backtracking steps that the checker may find at most; a linear pattern has one. */
const MAX_SCORE = 64;

/** What is wrong with a pattern; undefined where nothing is. */
export function patternFault(pattern: string, ignoreCase: boolean): string | undefined {
  if (pattern.length > MAX_PATTERN) return `is ${pattern.length} long, at most ${MAX_PATTERN}`;
  let syntax: AST.RegExpLiteral;
  try {
    syntax = parseRegExpLiteral(new RegExp(pattern, ignoreCase ? 'iu' : 'u'));
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`;
  }
  return foreignSyntax(syntax) ?? unboundedness(pattern, ignoreCase);
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
  });
  return found;
}

function unboundedness(pattern: string, ignoreCase: boolean): string | undefined {
  const { safe } = isSafePattern(pattern, {
    unicode: true,
    caseInsensitive: ignoreCase,
    maxScore: MAX_SCORE,
    timeout: 1_000,
  });
  return safe ? undefined : 'may take very long on some inputs (nested or overlapping repetition)';
}
