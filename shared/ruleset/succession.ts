/** Whether a verified ruleset may take the place of the one in force. Pure; run at the moment of replacement. */
import { EPOCH, MAX_VERSION_STEP } from '#schema/limits';
import { ok, type Result } from '#schema/result';
import { type RulesetRefusal, refusal, type VerifiedRuleset } from './verify.ts';

type Succession = 'newer' | 'same';

export function succeeds(
  next: VerifiedRuleset,
  current: VerifiedRuleset | undefined,
): Result<Succession, RulesetRefusal> {
  if (current === undefined) return ok('newer');
  const from = current.claims.version;
  const to = next.claims.version;
  if (to < from) return refusal('older', `version ${to} is older than ${from}, which is in force`);
  if (to === from) {
    return next.claims.sha256 === current.claims.sha256
      ? ok('same')
      : refusal('conflict', `version ${to} is in force with other content`);
  }
  const epoch = Math.floor(to / EPOCH);
  if (epoch === Math.floor(from / EPOCH)) {
    if (to - from > MAX_VERSION_STEP) return refusal('version-jump', `version ${to} is too far ahead of ${from}`);
  } else if (next.claims.takeover !== epoch) {
    return refusal('unsigned-takeover', `epoch ${epoch} is not claimed as a takeover`);
  }
  if (next.reader.entryCount === 0 && current.reader.entryCount > 0 && next.claims.emptied !== true) {
    return refusal('unannounced-empty', 'nothing is left, and that is not said to be on purpose');
  }
  return ok('newer');
}
