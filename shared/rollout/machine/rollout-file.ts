/** The text of a rollout file to a rollout, with each mistake at its line and column. */
import { type LocatedIssue, located, parseYaml, shapeIssue, type YamlFile } from '#ruleset/write/yaml-file';
import { checkRollout } from '#schema/check-rollout';
import { ok, type Result, refused } from '#schema/result';
import type { Rollout } from '#schema/rollout';
import { MAX_ROLLOUT_FILE } from '#schema/rollout-limits';

/** As many are told: what is no YAML at all has one at every other character. */
const MAX_ISSUES = 50;

export function parseRolloutFile(file: YamlFile): Result<Rollout, readonly LocatedIssue[]> {
  const parsed = parseYaml(file, MAX_ROLLOUT_FILE);
  if (!parsed.ok) return refused(parsed.error.slice(0, MAX_ISSUES));
  const root: unknown = parsed.value.document.toJS();
  const checked = checkRollout(root);
  if (checked.ok) return ok(checked.value);
  const issues = checked.error.slice(0, MAX_ISSUES).map((issue) => shapeIssue(issue, root));
  return refused(issues.map((issue) => located(parsed.value, issue)));
}
