/**
 * Names of properties that `main.js` writes short: ours alone, in no JSON and no header, and nothing that the platform or a setting has. One
 * that is more than that would show: the golden vectors, OFREP's answers and the POP's status are tried on what is built.
 */
const OURS =
  'preRelease offlineDefault offlineDefaults revalidateAfterMs staleAfterMs readTimeoutMs retryMissingMs clientOnly userHash ' +
  'otherHashes firstUse flagKeys decodeBase64url verifyEs256 publicKeys allowedOrigins excluded isFailure preflight sdkKeys ' +
  'clauses entryCount folds generations faults recordOf highest outcome current fault place reader ruleset constant ' +
  'claims signed minor major patch offer optional client bindings tokens route gates slices ranges parts until utf8 refusal ' +
  'inForce since segment flag header rest httpRequest variations served included remembered ' +
  'operand operator marks weight height prefix groups seed stopped off rules next end list table milliseconds take confirm ' +
  'faultIn open evaluated exposed answered attributes targets prerequisites record store';

export const SHORT_NAMES = new RegExp(`^(?:${OURS.replaceAll(' ', '|')})$`);

const LETTERS = 'etrnoiualscfdvp';

/** Names of the letters that JavaScript has most of, for locals and properties alike: gzip takes less for them than for shorter ones. */
export const FEW_LETTERS = {
  get(at: number): string {
    const letter = LETTERS[at % LETTERS.length] as string;
    return at < LETTERS.length ? letter : letter + FEW_LETTERS.get(Math.floor(at / LETTERS.length) - 1);
  },
};
