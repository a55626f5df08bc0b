/** Authored YAML files to one authored set, with each mistake at its line and column. */

import { type Authored, authored } from '#schema/authored';
import { MAX_LINE } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import type { Issue } from './issue.ts';
import {
  isMapping,
  type LocatedIssue,
  located,
  parseYaml,
  shapeIssue,
  type YamlDocument,
  type YamlFile,
} from './yaml-file.ts';

export interface AuthoredSet {
  readonly authored: Authored;
  /** Puts the issues that `compile` finds at their lines. */
  readonly locate: (issues: readonly Issue[]) => LocatedIssue[];
}

/** A file with the longest line of a ruleset in it, and then some. */
const MAX_FILE = 2 * MAX_LINE;

export function parseAuthored(files: readonly YamlFile[]): Result<AuthoredSet, readonly LocatedIssue[]> {
  const parsed = files.map((file) => parseYaml(file, MAX_FILE));
  const broken = parsed.flatMap((one) => (one.ok ? [] : one.error));
  if (broken.length > 0) return refused(broken);
  const readable = parsed.flatMap((one) => (one.ok ? [one.value] : []));
  const merged: Record<string, unknown> = Object.create(null);
  const issues: LocatedIssue[] = [];
  for (const file of readable) issues.push(...mergeInto(merged, file));
  const checked = authored.safeParse({ ...merged });
  const locate = (found: readonly Issue[]): LocatedIssue[] => found.map((issue) => locateIn(readable, issue));
  if (checked.success && issues.length === 0) return ok({ authored: checked.data, locate });
  const shapes = (checked.error?.issues ?? []).map((one) => shapeIssue(one, merged));
  return refused([...issues, ...locate(shapes)]);
}

/** Adds a file's sections to the whole; a key that another file has is an issue. */
function mergeInto(merged: Record<string, unknown>, file: YamlDocument): LocatedIssue[] {
  const at = (path: readonly string[], message: string): LocatedIssue[] => [located(file, { path, message })];
  const root: unknown = file.document.toJS();
  if (root === null || root === undefined) return [];
  if (!isMapping(root)) return at([], 'is no mapping of flags, segments, layers and holdouts');
  return Object.entries(root).flatMap(([section, content]) => {
    // A section that is there but empty adds nothing.
    if (content === null) return [];
    if (!isMapping(content)) return at([section], 'is no mapping of names');
    const before = (merged[section] ?? {}) as Record<string, unknown>;
    merged[section] = { ...before, ...content };
    const repeated = Object.keys(content).filter((key) => Object.hasOwn(before, key));
    return repeated.flatMap((key) => at([section, key], 'is in another file too'));
  });
}

function locateIn(files: readonly YamlDocument[], issue: Issue): LocatedIssue {
  const owner =
    files.find(({ document }) => document.hasIn(issue.path.slice(0, 2))) ??
    files.find(({ document }) => document.hasIn(issue.path.slice(0, 1))) ??
    files[0];
  if (owner === undefined) return { ...issue, file: '', line: 1, column: 1 };
  return located(owner, issue);
}
