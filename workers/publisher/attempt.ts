/** One attempt to make a target hold a ruleset: compare, then write. Versions are compared at the moment of the write. */
import { type RulesetTarget, TargetBusy } from '#edgekv/ruleset-target';
import { withDeadline } from '#http/with-deadline';
import { canonicalJson } from '#ruleset/canonical-json';
import { type RulesetCrypto, verifyRuleset } from '#ruleset/verify';
import type { Claims } from '#schema/claims';
import type { Trouble } from './target-schedule.ts';

/** A signed ruleset, by the journal entry that it was made by. */
export interface Edition {
  readonly id: number;
  readonly claims: Claims;
  /** Header line and lines. */
  readonly text: string;
  /** What people should know of it though nothing is wrong. */
  readonly note?: string;
}

/** `sent`: the store has taken it, and will show it later. */
export type Outcome = 'held' | 'sent' | Trouble;

/** A target that does not answer for so long is given up (milliseconds). A write that lands later is met at the next look. */
export const DEADLINE_MS = 5_000;

/** Never rejects. */
export async function attempt(target: RulesetTarget, edition: Edition, crypto: RulesetCrypto): Promise<Outcome> {
  const { patienceMs = DEADLINE_MS } = target;
  const outcome = await withDeadline(patienceMs, (patience) => compareAndSet(target, edition, crypto, patience));
  return outcome ?? { kind: 'failing', message: `no answer within ${patienceMs} ms` };
}

async function compareAndSet(
  target: RulesetTarget,
  edition: Edition,
  crypto: RulesetCrypto,
  patience: AbortSignal,
): Promise<Outcome> {
  const { text, claims } = edition;
  try {
    const found = await target.read();
    const verdict = found === undefined ? 'other' : await compare(found, edition, crypto, target.view !== undefined);
    if (verdict === 'same') return 'held';
    if (verdict !== 'other') return { kind: 'conflict', message: verdict.conflict };
    // Something newer may have been written since this attempt was given up.
    if (!patience.aborted) await target.write(text, { version: claims.version, sha256: claims.sha256 }, patience);
    return target.shownBy === 'answer' ? 'held' : 'sent';
  } catch (error) {
    return troubleOf(error);
  }
}

function troubleOf(error: unknown): Trouble {
  const message = messageOf(error);
  if (!(error instanceof TargetBusy)) return { kind: 'failing', message };
  const { retryAfterMs } = error;
  return { kind: 'busy', message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Only what is signed counts as a version: what no reader would take is no reason to leave readers without a ruleset. */
async function compare(
  found: string,
  { text, claims }: Edition,
  crypto: RulesetCrypto,
  isView: boolean,
): Promise<'same' | 'other' | { readonly conflict: string }> {
  if (found === text) return 'same';
  const { env, version, sha256 } = claims;
  const verified = await verifyRuleset(found, env, crypto);
  if (!verified.ok || verified.value.claims.version < version) return 'other';
  const other = verified.value.claims;
  if (other.version > version) {
    return { conflict: `version ${other.version} lies there, newer than ${version}, which is in force` };
  }
  // Signed a second time, as a view is after a restart: no two signatures are alike.
  if (canonicalJson(other) === canonicalJson(claims)) return 'same';
  // A view may be declared anew under the same version.
  if (other.sha256 === sha256 || isView) return 'other';
  return { conflict: `version ${version} lies there with other content` };
}

export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 200);
