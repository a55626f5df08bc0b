/** The digest of lines in pieces, which need not be put together as a text for it. */
import { encodeBase64url } from '#core/base64url';
import type { RulesetCrypto } from '#ruleset/verify';
import type { Subtle } from '#ruleset/web-crypto';

const encoder = new TextEncoder();

export const createPiecesDigest =
  (subtle: Subtle): Required<RulesetCrypto>['sha256Of'] =>
  async (pieces) => {
    const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
    let at = 0;
    for (const piece of pieces) at += encoder.encodeInto(piece, bytes.subarray(at)).written;
    return encodeBase64url(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  };
