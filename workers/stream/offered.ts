/** Verifies what is offered, and says whether it may follow what is there. */
import type { Edition } from '#http/edition-events';
import { applyDelta, readDelta } from '#ruleset/delta';
import { splitHeader } from '#ruleset/header';
import { positionOf } from '#ruleset/position';
import { succeeds } from '#ruleset/succession';
import { checked, type RulesetCrypto, type VerifiedRuleset, verifyParts } from '#ruleset/verify';
import { ok, type Result, refused } from '#schema/result';
import type { Offer, OfferRefusal } from './offer.ts';

/** A verified edition, and when it was signed (claim `iat`). */
export interface Kept extends Edition {
  readonly iat: number;
  readonly ruleset: VerifiedRuleset;
}

export const keptOf = (ruleset: VerifiedRuleset): Kept => ({
  ...positionOf(ruleset.claims),
  ...{ header: ruleset.header, lines: ruleset.reader.lines, iat: ruleset.claims.iat, ruleset },
});

export interface Verifying {
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  linesOf(digest: string): string | undefined;
}

/** The edition that comes with an offer, as a reader would take it. */
export async function verifyOffered(offer: Offer, deps: Verifying): Promise<Result<Kept, OfferRefusal>> {
  const parts = partsOf(offer, deps);
  if (!parts.ok) return parts;
  const verified = await verifyParts(parts.value.header, parts.value.lines, deps.environment, deps.crypto);
  if (!verified.ok)
    return refused({ code: 'unreadable', message: `${verified.error.code}: ${verified.error.message}` });
  const kept = keptOf(verified.value);
  const isNamed = kept.version === offer.version && kept.digest === offer.digest && kept.iat === offer.iat;
  return isNamed ? ok(kept) : refused({ code: 'unreadable', message: 'the text is not that of the edition named' });
}

type Parts = { readonly header: string; readonly lines: string };

function partsOf({ text, delta }: Offer, { linesOf }: Verifying): Result<Parts, OfferRefusal> {
  const read = checked('malformed', (): Parts | undefined => {
    if (text !== undefined) return splitHeader(text);
    if (delta === undefined) return undefined;
    const { header, base, changes } = readDelta(delta);
    const lines = linesOf(base);
    return lines === undefined ? undefined : { header, lines: applyDelta(lines, changes) };
  });
  if (!read.ok) return refused({ code: 'unreadable', message: read.error.message });
  return read.value === undefined ? refused({ code: 'text-needed' }) : ok(read.value);
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
