/** What a publisher needs of a place where rulesets are kept. `edgekv/README.md` says what lies where. */

export interface RulesetTarget {
  /** For journals and boards: `kv`. */
  readonly name: string;
  /** The text that lies there, unverified; undefined where there is none. Rejects where the store cannot be reached. */
  read(): Promise<string | undefined>;
  /**
   * Puts a ruleset in place of what lies there. The publisher has compared versions right before. Rejects with `TargetBusy`
   * where the store asks for patience, with anything else where it fails.
   */
  write(ruleset: string, metadata: TargetMetadata): Promise<void>;
}

/** What a store that can keep something beside a value keeps there, for people and for writers that do not read the value. */
export interface TargetMetadata {
  readonly version: number;
  /** Of the lines, base64url. */
  readonly sha256: string;
}

/** The store takes no write just now: no fault of anybody's, the write comes again. */
export class TargetBusy extends Error {
  override readonly name = 'TargetBusy';
}
