/** The archive: objects by name, of which a name has one content forever. */
import type { ArchiveRange } from './archive-query.ts';

/** The archive as an inbox writes it. */
export interface ArchivePort {
  /** The same again changes nothing. Rejects where it is not sure to have been kept. */
  put(name: string, gzip: ArrayBuffer): Promise<void>;
}

export const createR2Archive = (bucket: R2Bucket): ArchivePort => ({
  async put(name, gzip) {
    await bucket.put(name, gzip, {
      httpMetadata: { contentType: 'application/x-ndjson', contentEncoding: 'gzip' },
    });
  },
});

export interface ArchivedObject {
  readonly name: string;
  /** Gzipped. */
  readonly bytes: number;
}

export interface ArchivePage {
  readonly objects: readonly ArchivedObject[];
  /** Where the next page starts. */
  readonly next?: string;
}

/** The archive as it is read. Rejects with an `ArchiveError`. */
export interface ArchiveReader {
  list(range: ArchiveRange): Promise<ArchivePage>;
  /** Undefined where there is none of the name. */
  get(name: string): Promise<ReadableStream | undefined>;
}

/** R2 did not answer. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export function createR2Reader(bucket: R2Bucket): ArchiveReader {
  const failed = (error: unknown): never => {
    throw new ArchiveError(error);
  };
  return {
    async list({ prefix, after, before, limit }) {
      const found = await bucket.list({ prefix, startAfter: after, limit }).catch(failed);
      const objects = found.objects
        .filter(({ key }) => key < before)
        .map(({ key, size }) => ({ name: key, bytes: size }));
      const last = objects.at(-1);
      const isMore = found.truncated && objects.length === found.objects.length && last !== undefined;
      return { objects, ...(isMore && { next: last.name }) };
    },
    get: async (name) => (await bucket.get(name).catch(failed))?.body,
  };
}
