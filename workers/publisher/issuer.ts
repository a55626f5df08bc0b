/** Signs a ruleset, and has a reader try it: what that one refuses, nobody gets. */
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { createRulesetCache } from '#ruleset/cache';
import { createFaultCheck, type FaultCheck } from '#ruleset/fault-check';
import type { RulesetReader } from '#ruleset/reader';
import type { RulesetCrypto, VerifiedRuleset } from '#ruleset/verify';
import { type Issue, type SigningKey, signRuleset } from '#ruleset/write/sign';
import type { Claims } from '#schema/claims';
import { SEGMENT_PREFIX } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import type { Refusal } from './refusal.ts';

export interface IssuerOptions {
  readonly environment: string;
  readonly signing: SigningKey;
  readonly crypto: RulesetCrypto;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Claims that say what a ruleset is, whenever it is signed. */
export type Lasting = Pick<Issue, 'version' | 'emptied' | 'takeover'>;

export interface Issuer {
  /**
   * The ruleset's text; `inForce` is the text of what it would replace, and `touched` the keys of what may be other than there: a
   * reader that has tried what is in force tries those alone.
   */
  issue(
    lines: string,
    claims: Lasting,
    inForce: string | undefined,
    touched?: ReadonlySet<string>,
  ): Promise<Result<string, Refusal>>;
  /** The text of a view of the ruleset that has those claims: of the same version, and of the same age. Refused with what a reader has against it. */
  issueView(view: string, lines: string, whole: Claims): Promise<Result<string, string>>;
}

/** How long a signature says that it is fresh (seconds). Readers go on serving afterwards, and say STALE. */
export const LIFETIME_SECONDS = 30 * 86_400;

/**
 * What an isolated reader has once it has taken a text on top of what is in force (a text, or what such a reader had before); refused
 * with what it has against that.
 */
export async function takenByReader(
  text: string,
  reader: Pick<IssuerOptions, 'environment' | 'crypto' | 'now'>,
  inForce: string | VerifiedRuleset | undefined,
): Promise<Result<VerifiedRuleset, string>> {
  const canary = createRulesetCache({ ...reader, staleAfterMs: 1 / 0 });
  if (typeof inForce === 'string') await canary.offer(inForce);
  else if (inForce !== undefined) canary.take(ok(inForce));
  const taken = await canary.offer(text);
  if (!taken.ok) return refused(`${taken.error.code}: ${taken.error.message}`);
  return ok(canary.current() as VerifiedRuleset);
}

/** What is larger is not kept in memory, and tried as a whole each time. */
const MAX_TRIED = 4 * 1024 * 1024;

/** What is wrong with entries, of all or of some, in words. */
function brokenIn(
  reader: RulesetReader,
  faults: FaultCheck,
  touched: ReadonlySet<string> | undefined,
): string | undefined {
  const fault = faults.faultIn(reader);
  if (fault !== undefined) return `${fault.key}: ${fault.message}`;
  const context = createContext({}, {});
  for (const key of touched ?? reader.flagKeys()) {
    if (key.startsWith(SEGMENT_PREFIX) || reader.line(key) === undefined) continue;
    const { errorCode } = evaluate(reader, key, context);
    if (errorCode !== undefined) return `${key}: ${errorCode}`;
  }
  return undefined;
}

export function createIssuer({ environment, signing, crypto, now }: IssuerOptions): Issuer {
  /** What the reader took last, and found all of it in order. */
  let tried: { readonly text: string; readonly ruleset: VerifiedRuleset; readonly faults: FaultCheck } | undefined;

  /**
   * What an isolated reader has against it: until there are relays, it is the canary. It has in force what relays have, unless
   * that was signed by a key that nobody trusts any more. Every entry of the new ruleset is decoded and evaluated; those of the
   * one in force were when that was new, and need no memory now.
   */
  async function objection(
    ruleset: string,
    env: string,
    inForce?: string,
    touched?: ReadonlySet<string>,
  ): Promise<string | undefined> {
    const before = inForce !== undefined && tried?.text === inForce ? tried.ruleset : undefined;
    const taken = await takenByReader(ruleset, { environment: env, crypto, now }, before ?? inForce);
    if (!taken.ok) return taken.error;
    const { reader } = taken.value;
    const faults = before === undefined ? createFaultCheck() : (tried?.faults ?? createFaultCheck());
    const message = brokenIn(reader, faults, before === undefined ? undefined : touched);
    const isSmall = ruleset.length <= MAX_TRIED;
    if (message === undefined && env === environment)
      tried = isSmall ? { text: ruleset, ruleset: taken.value, faults } : undefined;
    return message;
  }

  return {
    async issue(lines, claims, inForce, touched) {
      const iat = Math.floor(now() / 1_000);
      const issue = { env: environment, ...claims, iat, exp: iat + LIFETIME_SECONDS };
      const ruleset = await signRuleset(lines, issue, signing);
      const message = await objection(ruleset, environment, inForce, touched);
      return message === undefined ? ok(ruleset) : refused({ code: 'refused-by-canary', message });
    },
    async issueView(view, lines, { version, iat, exp, takeover }) {
      const env = viewEnvironment(environment, view);
      // That its last flag went is on purpose where it is of the whole: a reader of the view alone could not tell.
      const lasting = { ...(lines === '' && { emptied: true as const }), ...(takeover !== undefined && { takeover }) };
      const ruleset = await signRuleset(lines, { env, version, iat, exp, ...lasting }, signing);
      const message = await objection(ruleset, env);
      return message === undefined ? ok(ruleset) : refused(message);
    },
  };
}
