/** Which flags serve something else than before, or may: those whose entries changed, and all where a segment did. */
import { changedKeys } from '#ruleset/changed-keys';
import type { VerifiedRuleset } from '#ruleset/verify';
import { SEGMENT_PREFIX } from '#schema/limits';

export function changedFlags(before: VerifiedRuleset, after: VerifiedRuleset): string[] {
  const changed = changedKeys(before.reader.lines, after.reader.lines);
  return changed.some((key) => key.startsWith(SEGMENT_PREFIX)) ? [...after.reader.flagKeys()] : changed;
}
