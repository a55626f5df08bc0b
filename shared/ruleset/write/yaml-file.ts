/** A YAML file read for the places of its mistakes: strictly, as JSON would have it, each issue at its line and column. */

import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar, visit } from 'yaml';
import { ok, type Result, refused } from '#schema/result';
import type { Issue } from './issue.ts';

export interface YamlFile {
  /** As it shall stand in messages. */
  readonly name: string;
  readonly text: string;
}

/** An issue where a person can find it. Lines and columns count from 1. */
export interface LocatedIssue extends Issue {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const MAX_NESTING = 64;

export interface YamlDocument {
  readonly name: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

type Path = Issue['path'];

/** `maxLength` is of the text, in UTF-16 code units. */
export function parseYaml({ name, text }: YamlFile, maxLength: number): Result<YamlDocument, LocatedIssue[]> {
  const lines = new LineCounter();
  const at = (offset: number, message: string): LocatedIssue => ({
    ...position(name, lines, offset),
    path: [],
    message,
  });
  if (text.length > maxLength) return refused([at(0, `is ${text.length} characters long, at most ${maxLength}`)]);
  try {
    return checkDocument(name, parseDocument(text, { lineCounter: lines }), lines);
  } catch (error) {
    // The YAML parser recurses, and runs out of stack on what nests some thousand deep.
    if (error instanceof RangeError) return refused([at(0, TOO_DEEP)]);
    throw error;
  }
}

const TOO_DEEP = `nests more than ${MAX_NESTING} deep`;

function checkDocument(
  name: string,
  document: Document.Parsed,
  lines: LineCounter,
): Result<YamlDocument, LocatedIssue[]> {
  const issues: LocatedIssue[] = [];
  const add = (offset: number | undefined, message: string): void =>
    void issues.push({ ...position(name, lines, offset ?? 0), path: [], message });
  for (const error of document.errors) add(error.pos[0], error.message.split('\n')[0] as string);
  visit(document, {
    Alias: (_, node) => add(node.range?.[0], 'aliases are not taken: write it out'),
    Pair: (_, { key }) => {
      const node = key as Node | null;
      // `1` and "1", or `true` and "true", are two keys to YAML and one to whatever reads them.
      if (!isScalar(key) || typeof key.value !== 'string')
        add(node?.range?.[0], 'keys are texts: put this one in quotes');
      // Objects that are made from it would get another prototype, or lose it without a word.
      else if (key.value === '__proto__') add(node?.range?.[0], '__proto__ is a name that every object has');
    },
    Collection: (_, node, path) => {
      if (path.length <= 2 * MAX_NESTING) return undefined;
      add(node.range?.[0], TOO_DEEP);
      return visit.BREAK;
    },
    Scalar: (_, node) => {
      const fault = numberFault(node);
      if (fault !== undefined) add(node.range?.[0], fault);
    },
  });
  return issues.length > 0 ? refused(issues) : ok({ name, document, lines });
}

/** A number that would not come out as it was written. */
function numberFault({ value, source }: Scalar): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (!Number.isFinite(value)) return `${source} is no finite number`;
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? `${source} loses digits: write it as text`
    : undefined;
}

interface ShapeIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The schema's own message, made to say what was found. */
export function shapeIssue({ path, message }: ShapeIssue, root: unknown): Issue {
  const at = path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const found = at.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
    root,
  );
  if (found === undefined) return { path: at, message: message.includes('undefined') ? 'is missing' : message };
  const text = JSON.stringify(found);
  return { path: at, message: `${message}; found ${text.length > 60 ? `${text.slice(0, 57)}…` : text}` };
}

/** Puts an issue at its line. */
export const located = ({ name, document, lines }: YamlDocument, issue: Issue): LocatedIssue => ({
  ...issue,
  ...position(name, lines, offsetOf(document, issue.path)),
});

/** Where a path begins in the text: at its key; where it leads nowhere, at as much of it as there is. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) break;
      offset = (node as Node).range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

function position(file: string, lines: LineCounter, offset: number): Pick<LocatedIssue, 'file' | 'line' | 'column'> {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `flags.pricing.x.rules[0].id`: a path as text. */
export const pathText = (path: Path): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');

/** One issue a line, as editors understand it: file:line:column. */
export const issueText = (issues: readonly LocatedIssue[]): string =>
  issues
    .map(({ file, line, column, path, message }) =>
      path.length === 0
        ? `${file}:${line}:${column}  ${message}`
        : `${file}:${line}:${column}  ${pathText(path)} ${message}`,
    )
    .join('\n');
