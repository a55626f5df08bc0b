/** Which flags serve something else than before, or may: those whose entries changed, and all where a segment did. */
import { changedBetween } from '#ruleset/changed-between';
import type { VerifiedRuleset } from '#ruleset/verify';
import { SEGMENT_PREFIX } from '#schema/limits';

export function changedFlags(before: VerifiedRuleset, after: VerifiedRuleset): string[] {
  const changed = changedBetween(before.reader, after.reader);
  return changed.some((key) => key.startsWith(SEGMENT_PREFIX)) ? [...after.reader.flagKeys()] : changed;
}
