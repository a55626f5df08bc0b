/** A delta on a verified ruleset, verified as the whole would be; what it leaves as it was is not read again. */
import { ok, type Result } from '#schema/result';
import { readDelta } from './delta.ts';
import { type Overlaid, overlay } from './overlay.ts';
import {
  checked,
  type RulesetCrypto,
  type RulesetRefusal,
  refusal,
  type VerifiedRuleset,
  verifyParts,
} from './verify.ts';

/** `wrong-base`: the delta is on other lines than those, or there are none. */
export async function verifyDelta(
  text: string,
  current: VerifiedRuleset | undefined,
  environment: string,
  crypto: RulesetCrypto,
): Promise<Result<VerifiedRuleset, RulesetRefusal>> {
  const delta = checked('malformed', () => readDelta(text));
  if (!delta.ok) return delta;
  const { header, base, changes } = delta.value;
  if (current?.claims.sha256 !== base) return refusal('wrong-base', `the delta is on ${base}`);
  const overlaid = checked('malformed', () => overlay(current.reader, changes));
  if (!overlaid.ok) return overlaid;
  // Of the lines only those that changed are looked at: the others were. The digest is that of them all.
  const sha256 = (): Promise<string> => digestOf(overlaid.value, crypto);
  const verified = await verifyParts(header, changes, environment, { ...crypto, sha256 });
  if (!verified.ok) return verified;
  const reader = checked('bad-lines', () => overlaid.value.read(verified.value.claims.version));
  return reader.ok ? ok({ ...verified.value, reader: reader.value, delta: { base, text } }) : reader;
}

const digestOf = ({ pieces }: Overlaid, crypto: RulesetCrypto): Promise<string> =>
  crypto.sha256Of?.(pieces) ?? crypto.sha256(pieces.join(''));
