/**
 * What lies at the targets while the press knows of no ruleset: it was lost, or takes over from somebody else. To begin again at
 * version 1 would be to publish what every reader refuses as older, so nothing that is there is passed over.
 */
import type { RulesetTarget } from '#edgekv/ruleset-target';
import { withDeadline } from '#http/with-deadline';
import { type RulesetCrypto, type VerifiedRuleset, verifyRuleset } from '#ruleset/verify';
import { ok, type Result, refused } from '#schema/result';
import { DEADLINE_MS } from './attempt.ts';
import type { Refusal } from './refusal.ts';

/** The newest; undefined where there is none at any target. */
export async function findRuleset(
  targets: readonly RulesetTarget[],
  environment: string,
  crypto: RulesetCrypto,
  faultIn: FaultIn = firstFault,
): Promise<Result<VerifiedRuleset | undefined, Refusal>> {
  let newest: VerifiedRuleset | undefined;
  for (const target of targets) {
    // A view is a part: nothing can be gone on with from that.
    if (target.view !== undefined) continue;
    const found = await readVerified(target, environment, crypto, faultIn);
    if (!found.ok) return found;
    if (found.value !== undefined && found.value.claims.version > (newest?.claims.version ?? 0)) newest = found.value;
  }
  return ok(newest);
}

/** What is wrong with an entry of it, in words; undefined where nothing is. */
type FaultIn = (found: VerifiedRuleset) => string | undefined;

const firstFault: FaultIn = ({ reader }) => reader.faults()[0]?.message;

async function readVerified(
  target: RulesetTarget,
  environment: string,
  crypto: RulesetCrypto,
  faultIn: FaultIn,
): Promise<Result<VerifiedRuleset | undefined, Refusal>> {
  const read = await withDeadline(DEADLINE_MS, () => target.read().then(ok, () => undefined));
  if (read === undefined) return refused({ code: 'store-unreachable', target: target.name });
  if (read.value === undefined) return ok(undefined);
  const verified = await verifyRuleset(read.value, environment, crypto);
  const message = verified.ok ? faultIn(verified.value) : verified.error.message;
  if (verified.ok && message === undefined) return verified;
  return refused({ code: 'store-unreadable', target: target.name, message: message ?? '' });
}
