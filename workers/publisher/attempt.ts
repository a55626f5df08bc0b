/** One attempt to make a target hold a ruleset: compare, then write. Versions are compared at the moment of the write. */
import { type RulesetTarget, TargetBusy } from '#edgekv/ruleset-target';
import { type RulesetCrypto, verifyRuleset } from '#ruleset/verify';
import type { Claims } from '#schema/claims';
import type { Trouble } from './target-schedule.ts';
import { withDeadline } from './with-deadline.ts';

/** A signed ruleset, by the journal entry that it was made by. */
export interface Edition {
  readonly id: number;
  readonly claims: Claims;
  /** Header line and lines. */
  readonly text: string;
}

export type Outcome = 'held' | Trouble;

/** A target that does not answer for so long is given up (milliseconds). A write that lands later is met at the next look. */
export const DEADLINE_MS = 5_000;

/** Never rejects. */
export async function attempt(target: RulesetTarget, edition: Edition, crypto: RulesetCrypto): Promise<Outcome> {
  const outcome = await withDeadline(DEADLINE_MS, (patience) => compareAndSet(target, edition, crypto, patience));
  return outcome ?? { kind: 'failing', message: `no answer within ${DEADLINE_MS} ms` };
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
    if (found === text) return 'held';
    const conflict = found === undefined ? undefined : await conflictWith(found, claims, crypto);
    if (conflict !== undefined) return { kind: 'conflict', message: conflict };
    // Something newer may have been written since this attempt was given up.
    if (!patience.aborted) await target.write(text, { version: claims.version, sha256: claims.sha256 });
    return 'held';
  } catch (error) {
    return { kind: error instanceof TargetBusy ? 'busy' : 'failing', message: messageOf(error) };
  }
}

/** Only what is signed counts as a version: what no reader would take is no reason to leave readers without a ruleset. */
async function conflictWith(
  found: string,
  { env, version, sha256 }: Claims,
  crypto: RulesetCrypto,
): Promise<string | undefined> {
  const verified = await verifyRuleset(found, env, crypto);
  if (!verified.ok || verified.value.claims.version < version) return undefined;
  const other = verified.value.claims;
  if (other.version > version) return `version ${other.version} lies there, newer than ${version}, which is in force`;
  return other.sha256 === sha256 ? undefined : `version ${version} lies there with other content`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
