/**
 * The publisher's own look at lines that it is asked to publish: by the reader's decoder, and not by the schemas and the compiler
 * that made them, so that a fault of those does not travel. Pure.
 */
import { createFaultCheck, type FaultCheck } from '#ruleset/fault-check';
import { readLines } from '#ruleset/reader';
import { checked, NOT_ASCII } from '#ruleset/verify';
import { variationId } from '#ruleset/write/digest';
import { entryLine } from '#ruleset/write/line';
import { isSegment } from '#ruleset/write/revisions';
import type { Entry, FlagEntry } from '#schema/entry';
import { MAX_HEADER, MAX_KEY, MAX_RULESET } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { type KnownLines, knownLines, NO_LINES } from './known-lines.ts';
import type { EntryIssue, Refusal } from './refusal.ts';

/** Room is left for the header line. */
export const MAX_LINES = MAX_RULESET - MAX_HEADER - 1;

/** As many are told at once. */
const MAX_ISSUES = 100;

/** What was found in order last: lines that are still the same need no second look. */
export interface CheckedLines {
  readonly known: KnownLines;
  readonly faults: FaultCheck;
}

export const nothingChecked = (): CheckedLines => ({ known: NO_LINES, faults: createFaultCheck() });

/** The entries of lines that any reader takes, in the one way of writing them; revisions may be of any version. */
export function checkLines(lines: string, before = nothingChecked()): Result<KnownLines, Refusal> {
  const bounded = boundLines(lines);
  if (!bounded.ok) return bounded;
  const faults = readerIssues(lines, before.faults);
  if (faults.length > 0) return invalid(faults);
  const known = knownLines(lines, before.known);
  const changed = [...known.byKey].flatMap(([key, line]) => (before.known.byKey.get(key) === line ? [] : line));
  const issues = [
    ...changed.flatMap(({ entry, text }) => spellingIssues(entry, text)),
    ...twinIssues(known.byKey.keys()),
    ...changed.flatMap(({ entry }) => variationIssues(entry)),
  ];
  return issues.length > 0 ? invalid(issues) : ok(known);
}

/** As long, and of such characters, as readers take: then a call between Workers (32 MiB at most) holds them too. */
export function boundLines(lines: string, most = MAX_LINES): Result<string, Refusal> {
  if (lines.length > most) return refused({ code: 'too-large', length: lines.length, most });
  const foreign = lines.search(NOT_ASCII);
  if (foreign < 0) return ok(lines);
  return invalid([{ key: '', message: `the character at ${foreign} is not printable ASCII` }]);
}

/** What a reader that decodes every entry refuses; `check` spares it those that it has met. */
export function readerIssues(lines: string, check = createFaultCheck()): readonly EntryIssue[] {
  const faults = checked('bad-lines', () => {
    const reader = readLines(lines, Number.MAX_SAFE_INTEGER);
    return check.faultIn(reader) === undefined ? [] : reader.faults();
  });
  return faults.ok ? faults.value : [{ key: '', message: `out of form or order: ${faults.error.message}` }];
}

export const invalid = (issues: readonly EntryIssue[]): { readonly ok: false; readonly error: Refusal } =>
  refused({
    code: 'invalid-entries',
    issues: issues.slice(0, MAX_ISSUES).map(({ key, message }) => ({ key: key.slice(0, MAX_KEY), message })),
  });

const FLAG_FIELDS = new Set('krvszeodcnpihluf');
const SEGMENT_FIELDS = new Set('krbixu');

/**
 * A field that stands twice, a number that is not what it seems: each is another text when written again. Readers pass over fields
 * that they do not know, but a writer means something by them.
 */
function spellingIssues(entry: Entry, text: string): EntryIssue[] {
  const known = isSegment(entry) ? SEGMENT_FIELDS : FLAG_FIELDS;
  const unknown = Object.keys(entry).find((field) => !known.has(field));
  if (unknown !== undefined) return [{ key: entry.k, message: `there is no field ${unknown.slice(0, MAX_KEY)}` }];
  return entryLine(entry) === text ? [] : [{ key: entry.k, message: 'is not written as the compiler writes it' }];
}

/** Keys that differ in case alone are taken for one another by people. */
function twinIssues(keys: Iterable<string>): EntryIssue[] {
  const first = new Map<string, string>();
  const issues: EntryIssue[] = [];
  for (const key of keys) {
    const twin = first.get(key.toLowerCase());
    if (twin === undefined) first.set(key.toLowerCase(), key);
    else issues.push({ key, message: `differs from ${twin} in case alone` });
  }
  return issues;
}

/** Readers check the form of an id alone; that it is its value's is what makes variations immutable. */
const variationIssues = (entry: Entry): EntryIssue[] =>
  ((entry as FlagEntry).v ?? []).flatMap(([name, value, id]) =>
    variationId(value) === id
      ? []
      : [{ key: entry.k, message: `the id of variation ${name} is not that of its value` }],
  );
