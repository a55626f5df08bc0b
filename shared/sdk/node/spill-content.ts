/** What a record holds: a batch, and what was known when it was written. */
import type { BatchLedger } from '#exposure/exposure';
import type { Batch } from '#exposure/spool';

export interface Written {
  readonly emitter: string;
  /** Batches up to this number had their fate. */
  readonly settled: number;
  readonly ledger: BatchLedger;
  readonly batch: Batch;
}

// Not imported: who bundles this has all imports of built-in modules loaded at the start, whoever needs them.
const { promisify } = process.getBuiltinModule('node:util');
const { deflateRaw, inflateRaw } = process.getBuiltinModule('node:zlib');

const MAX_INFLATED = 32 * 1024 * 1024;
const deflated = promisify<Buffer, { level: number }, Buffer>(deflateRaw);
const inflated = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);

/** The fastest level: it makes a tenth of a batch. */
export const writeContent = (written: Written): Promise<Uint8Array> =>
  deflated(Buffer.from(JSON.stringify(written)), { level: 1 });

/** Undefined where it is none of ours, though its checksum is right. */
export async function readContent(content: Uint8Array): Promise<Written | undefined> {
  try {
    const written = JSON.parse((await inflated(content, { maxOutputLength: MAX_INFLATED })).toString()) as Written;
    const { events, outcomes } = written.batch;
    return Array.isArray(events) && Array.isArray(outcomes) ? written : undefined;
  } catch {
    return undefined;
  }
}
