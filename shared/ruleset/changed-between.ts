/** What differs between two rulesets, by key: where both are changes on the same lines, no text is put together for it. */
import { changedKeys } from './changed-keys.ts';
import type { Patch } from './overlay.ts';
import type { RulesetReader } from './reader.ts';

/** Of entries that were added, changed or removed, in order. */
export function changedBetween(before: RulesetReader, after: RulesetReader): string[] {
  const { base, patches } = after.overlay ?? {};
  if (base === undefined || patches === undefined || base !== (before.overlay?.base ?? before)) {
    return before.lines === after.lines ? [] : changedKeys(before.lines, after.lines);
  }
  return changedPatches(before.overlay?.patches ?? [], patches);
}

/** Keys at which two lists of changes on the same lines differ. What both have is nearly always the same object. */
function changedPatches(before: readonly Patch[], after: readonly Patch[]): string[] {
  const changed: string[] = [];
  let [at, next] = [0, 0];
  while (at < before.length || next < after.length) {
    const [was, is] = [before[at], after[next]];
    const key = was === undefined || (is !== undefined && is.key < was.key) ? (is as Patch).key : was.key;
    if (was !== is && (was?.key !== is?.key || was?.line !== is?.line)) changed.push(key);
    if (was?.key === key) at++;
    if (is?.key === key) next++;
  }
  return changed;
}
