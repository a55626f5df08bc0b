/** What a verifier finds. Indices are those of RFC 6962 leaves: the first entry is 0, and each entry's `seq` says its own. */

export type FaultKind =
  /** An entry is not what was logged. */
  | 'edited'
  /** An entry is not there, and those behind it are. */
  | 'missing'
  /** An entry stands in another place. */
  | 'moved'
  /** An entry stands there a second time. */
  | 'repeated'
  /** An entry, and the hash beside it, is not what the entry behind it was made upon. */
  | 'broken-chain'
  /** An entry is what was signed, and the hash beside it is not its own. */
  | 'wrong-hash'
  /** Entries, hashes and chain agree with one another, and not with what was signed. */
  | 'rewritten'
  /** Two signed checkpoints of one size have different roots. */
  | 'fork'
  /** A checkpoint covers more entries than there are. */
  | 'cut'
  /** A checkpoint that no trusted key has signed. */
  | 'untrusted-checkpoint'
  /** A checkpoint stands behind entries that it does not cover. */
  | 'misplaced-checkpoint'
  /** No trusted checkpoint at all: nothing is proven. */
  | 'no-checkpoint'
  /** A line that is none of an export. */
  | 'malformed';

export interface AuditFault {
  readonly kind: FaultKind;
  /** Where it shows: an entry's index. */
  readonly at: number;
  /**
   * The first bad entry is one of these, both included: the same as `at` where signatures prove it, a range where somebody
   * may have rewritten earlier ones consistently. Absent where no entry needs to be bad.
   */
  readonly first?: number;
  readonly last?: number;
  readonly message: string;
}

export interface AuditReport {
  readonly ok: boolean;
  /** Entries read. */
  readonly entries: number;
  /** How many of them, from the first on, are proven by a checkpoint. */
  readonly proven: number;
  /** Trusted checkpoints that were met. */
  readonly checkpoints: number;
  /** The largest trusted checkpoint that the log agrees with. */
  readonly newest?: { readonly origin: string; readonly size: number; readonly root: string };
  /** In the order in which they were found; reading ends with the first that concerns entries. */
  readonly faults: readonly AuditFault[];
  /** Entries whose time lies before that of the one before: the first hundred. */
  readonly backwards: readonly number[];
}
