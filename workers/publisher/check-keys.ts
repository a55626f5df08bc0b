/** The publisher's own look at SDK keys that it is asked to put in force: by the reader's decoder, in the one way of writing them. Pure. */
import { decodeKey } from '#ruleset/decode-key';
import { Refusal as NotDecoded } from '#ruleset/expect';
import { indexLines } from '#ruleset/lines';
import { checked } from '#ruleset/verify';
import { keyLine } from '#ruleset/write/key-line';
import { MAX_KEY, MAX_KEY_LINES } from '#schema/limits';
import { ok, type Result } from '#schema/result';
import { boundLines, invalid } from './check-lines.ts';
import type { EntryIssue, Refusal } from './refusal.ts';

/** Refused where a reader would not take all of them. */
export function checkKeys(lines: string): Result<string, Refusal> {
  const bounded = boundLines(lines, MAX_KEY_LINES);
  if (!bounded.ok) return bounded;
  const indexed = checked('bad-lines', () => indexLines(lines));
  if (!indexed.ok) return invalid([{ key: '', message: `out of form or order: ${indexed.error.message}` }]);
  const issues = lines.split('\n').slice(0, -1).flatMap(lineIssues);
  return issues.length > 0 ? invalid(issues) : ok(lines);
}

function lineIssues(line: string): EntryIssue[] {
  const key = line.slice('{"k":"'.length).split('"', 1)[0]?.slice(0, MAX_KEY) ?? '';
  try {
    const isSame = keyLine(decodeKey(JSON.parse(line))) === line;
    return isSame ? [] : [{ key, message: 'is not written as the control plane writes it' }];
  } catch (error) {
    if (error instanceof NotDecoded || error instanceof SyntaxError) return [{ key, message: error.message }];
    throw error;
  }
}
