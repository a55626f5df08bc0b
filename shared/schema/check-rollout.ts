/** Whether something is a rollout file. Issues name the one place that a person has to mend. */
import type * as z from 'zod';
import { ok, type Result, refused } from './result.ts';
import { type Rollout, rolloutFile } from './rollout.ts';

type Path = readonly PropertyKey[];

export interface RolloutIssue {
  readonly path: Path;
  readonly message: string;
}

export function checkRollout(file: unknown): Result<Rollout, readonly RolloutIssue[]> {
  const checked = rolloutFile.safeParse(file);
  return checked.success ? ok(checked.data.rollout) : refused(checked.error.issues.flatMap((one) => issuesOf(one, [])));
}

/** A key that is unknown is an issue at that key, and not at what has it. */
function issuesOf(issue: z.core.$ZodIssue, outer: Path): readonly RolloutIssue[] {
  const path = [...outer, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is a key that is not known here' }));
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  const near = issue.errors.find((branch) => !branch.some(isOtherForm));
  if (near !== undefined) return near.flatMap((one) => issuesOf(one, path));
  return [{ path, message: FORMS[String(path[1])] ?? issue.message }];
}

/** Whether what was found has another form altogether, rather than a mistake inside. */
const isOtherForm = ({ code, path }: z.core.$ZodIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

const FORMS: Readonly<Record<string, string>> = {
  stages: 'must be a percentage, or a mapping that has one as percent',
  holdback: 'must be a percentage, or none',
  regions: 'must be all, or a list of regions',
};
