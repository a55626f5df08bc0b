/** What a publisher needs of a place where rulesets are kept. `edgekv/README.md` says what lies where. */

export interface RulesetTarget {
  /** For journals and boards: `kv`, `edgekv-production/pricing`. */
  readonly name: string;
  /** The name of the view that lies there; the whole ruleset does where there is none. */
  readonly view?: string;
  /** It serves nobody: it may be given what is not everybody's yet. */
  readonly isRehearsal?: boolean;
  /** What shows that a ruleset has arrived: the answer to the write, or a look some time later. */
  readonly shownBy: 'answer' | 'look';
  /** How long reading and writing together may take (milliseconds), where that is not the publisher's own measure. */
  readonly patienceMs?: number;
  /** The text that lies there, unverified; undefined where there is none. Rejects where the store cannot be reached. */
  read(): Promise<string | undefined>;
  /**
   * Puts a ruleset in place of what lies there, unless `patience` came to its end first. The publisher has compared versions right
   * before. Rejects with `TargetBusy` where the store asks for patience, with anything else where it fails.
   */
  write(ruleset: string, metadata: TargetMetadata, patience?: AbortSignal): Promise<void>;
}

/** What a store that can keep something beside a value keeps there, for people and for writers that do not read the value. */
export interface TargetMetadata {
  readonly version: number;
  /** Of the lines, base64url. */
  readonly sha256: string;
}

export interface BusyOptions extends ErrorOptions {
  /** How long the store asks to be left alone (milliseconds), where it says so. */
  readonly retryAfterMs?: number | undefined;
}

/** The store takes nothing just now: no fault of anybody's, it is asked again. */
export class TargetBusy extends Error {
  override readonly name = 'TargetBusy';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryAfterMs, ...options }: BusyOptions = {}) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}
