/** The archive as an inbox writes it: objects by name, of which a name has one content forever. */

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
