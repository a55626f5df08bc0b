/** Verifies what is offered, and says whether it may follow what is there. */
import type { Edition } from '#http/edition-events';
import { applyDelta, readDelta } from '#ruleset/delta';
import { positionOf } from '#ruleset/position';
import { succeeds } from '#ruleset/succession';
import {
  checked,
  type RulesetCrypto,
  type RulesetRefusal,
  type VerifiedRuleset,
  verifyParts,
  verifyRuleset,
} from '#ruleset/verify';
import { verifyDelta } from '#ruleset/verify-delta';
import { ok, type Result, refused } from '#schema/result';
import type { Offer, OfferRefusal } from './offer.ts';

/** A verified edition, and when it was signed (claim `iat`). */
export interface Kept extends Edition {
  readonly iat: number;
  readonly ruleset: VerifiedRuleset;
}

export const keptOf = (ruleset: VerifiedRuleset): Kept => ({
  ...positionOf(ruleset.claims),
  ...{ header: ruleset.header, delta: ruleset.delta, iat: ruleset.claims.iat, ruleset },
  get lines() {
    return ruleset.reader.lines;
  },
});

export interface Verifying {
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  linesOf(digest: string): string | undefined;
  /** One that is in memory: of a delta on it only what changes is read. */
  verifiedOf(digest: string): VerifiedRuleset | undefined;
}

/** The edition that comes with an offer, as a reader would take it. */
export async function verifyOffered(offer: Offer, deps: Verifying): Promise<Result<Kept, OfferRefusal>> {
  const verified = await verifiedFrom(offer, deps);
  if (verified === undefined) return refused({ code: 'text-needed' });
  if (!verified.ok)
    return refused({ code: 'unreadable', message: `${verified.error.code}: ${verified.error.message}` });
  const kept = keptOf(verified.value);
  const isNamed = kept.version === offer.version && kept.digest === offer.digest && kept.iat === offer.iat;
  return isNamed ? ok(kept) : refused({ code: 'unreadable', message: 'the text is not that of the edition named' });
}

type Verified = Result<VerifiedRuleset, RulesetRefusal>;

/** Undefined where neither a text came nor a delta on lines that are here. */
async function verifiedFrom({ text, delta }: Offer, deps: Verifying): Promise<Verified | undefined> {
  const { environment, crypto } = deps;
  if (text !== undefined) return verifyRuleset(text, environment, crypto);
  if (delta === undefined) return undefined;
  const read = checked('malformed', () => readDelta(delta));
  if (!read.ok) return read;
  const { base, header, changes } = read.value;
  const current = deps.verifiedOf(base);
  if (current !== undefined) return verifyDelta(delta, current, environment, crypto);
  const before = deps.linesOf(base);
  if (before === undefined) return undefined;
  const lines = checked('malformed', () => applyDelta(before, changes));
  return lines.ok ? verifyParts(header, lines.value, environment, crypto) : lines;
}

/** Never behind what somebody was given already, whatever order offers come in. To be asked at the moment of the replacement. */
export function followRefusal(
  next: Kept,
  { everybodys, staged }: { readonly everybodys: Kept | undefined; readonly staged: Kept | undefined },
): OfferRefusal | undefined {
  const newest = staged ?? everybodys;
  if (newest !== undefined && next.version < newest.version) {
    const message = `version ${newest.version} is here, newer than ${next.version}`;
    return { code: 'conflict', version: newest.version, message };
  }
  if (newest?.version === next.version && newest.digest !== next.digest) {
    return { code: 'conflict', version: next.version, message: `version ${next.version} is here with other lines` };
  }
  const verdict = succeeds(next.ruleset, everybodys?.ruleset);
  return verdict.ok ? undefined : { code: 'unreadable', message: `${verdict.error.code}: ${verdict.error.message}` };
}
