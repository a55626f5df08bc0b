/** Verifies an exported log offline: nothing is asked of anybody, and nothing believed but signatures of the keys that are given. */
import { MAX_AUDIT_LEAF, MAX_NOTE } from '#schema/audit-limits';
import type { AuditFault, AuditReport } from './audit-report.ts';
import { openCheckpoint } from './checkpoint.ts';
import { createTimes } from './entry-line.ts';
import { readExportLine } from './export-line.ts';
import { linesOf } from './lines-of.ts';
import { createLogCheck } from './log-check.ts';
import { type Sha256, sha256 } from './sha256.ts';
import type { NoteVerifier } from './signed-note.ts';

/** A note may be escaped, and a leaf has its hash beside it. */
const MAX_LINE = Math.max(MAX_AUDIT_LEAF, MAX_NOTE) + 4_096;
const MAX_BACKWARDS = 100;

export interface VerifyOptions {
  readonly verifiers: readonly NoteVerifier[];
  /** Checkpoints that were kept apart from the log, as signed notes: only they show that all of it was replaced, or its end cut off. */
  readonly kept?: readonly string[];
  readonly sha256?: Sha256;
  /** Told how many entries were read, now and then. */
  readonly progress?: (entries: number) => void;
}

/** `chunks`: the bytes of the export, in any portions. */
export async function verifyExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { verifiers, kept = [], sha256: digest = sha256, progress }: VerifyOptions,
): Promise<AuditReport> {
  const check = createLogCheck(digest);
  const faults: AuditFault[] = [];
  const backwards: number[] = [];
  const times = createTimes();
  let checkpoints = 0;
  let origin: string | undefined;

  /** Whether to go on. */
  const takes = (fault: AuditFault | undefined): boolean => {
    if (fault !== undefined) faults.push(fault);
    return fault === undefined;
  };

  const checkpoint = async (note: string, isKept: boolean): Promise<boolean> => {
    const opened = await openCheckpoint(note, verifiers);
    const at = check.entries();
    const place = isKept ? 'the checkpoint that was kept' : `the checkpoint behind ${at} entries`;
    if (!opened.ok) {
      faults.push({ kind: 'untrusted-checkpoint', at, message: `${place} ${opened.error.message}` });
      return true;
    }
    origin ??= opened.value.origin;
    if (opened.value.origin !== origin) {
      faults.push({ kind: 'untrusted-checkpoint', at, message: `${place} is of another log: ${opened.value.origin}` });
      return true;
    }
    checkpoints++;
    return takes(check.checkpoint({ ...opened.value, kept: isKept }));
  };

  const takeLine = (line: Uint8Array): boolean | Promise<boolean> => {
    const at = check.entries();
    if (line.length > MAX_LINE) return takes(malformed(at, `is longer than ${MAX_LINE} bytes`));
    const read = readExportLine(line);
    if (read.kind === 'malformed') return takes(malformed(at, read.message));
    if (read.kind === 'checkpoint') return checkpoint(read.note, false);
    if (times.isEarlier(read) && backwards.length < MAX_BACKWARDS) backwards.push(at);
    return takes(check.entry(read));
  };

  const malformed = (at: number, message: string): AuditFault => ({
    kind: 'malformed',
    at,
    first: check.agreed()?.size ?? 0,
    last: at,
    message: `the line where entry ${at} should be ${message}`,
  });

  const readAll = async (): Promise<boolean> => {
    for (const note of kept) if (!(await checkpoint(note, true))) return false;
    for await (const lines of linesOf(chunks, MAX_LINE)) {
      for (const line of lines) {
        const verdict = takeLine(line);
        // Only signatures are waited for.
        if (!(typeof verdict === 'boolean' ? verdict : await verdict)) return false;
      }
      progress?.(check.entries());
    }
    return true;
  };

  if (await readAll()) takes(check.end());
  const agreed = check.agreed();
  if (checkpoints === 0) {
    faults.push({
      kind: 'no-checkpoint',
      at: 0,
      message: 'there is no checkpoint of a trusted key: nothing is proven',
    });
  }
  return {
    ok: faults.length === 0,
    entries: check.entries(),
    proven: Math.min(agreed?.size ?? 0, check.entries()),
    checkpoints,
    ...(agreed !== undefined && { newest: { origin: agreed.origin, size: agreed.size, root: agreed.root } }),
    faults,
    backwards,
  };
}
