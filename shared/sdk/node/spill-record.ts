/** A batch as it lies in a file: each record tells by itself whether it is whole, and where the next one begins. */
export interface RecordHead {
  readonly sequence: number;
  /** Exposures in it, by name or as counts. */
  readonly exposures: number;
}

/** A record in a file: from here, up to there. */
export interface RecordPlace extends RecordHead {
  readonly start: number;
  readonly end: number;
}

// Not imported: see `spill-content.ts`.
const { crc32 } = process.getBuiltinModule('node:zlib');

/** `LSE1`, then length, sequence, exposures, and the checksum of all of that and of the content. */
const MAGIC = Buffer.from('LSE1');
const HEAD = 24;
const CHECKED_FROM = 4;
const CHECKED_TO = 20;
export const MAX_CONTENT = 8 * 1024 * 1024;

export function encodeRecord({ sequence, exposures }: RecordHead, content: Uint8Array): Uint8Array {
  const record = Buffer.alloc(HEAD + content.byteLength);
  MAGIC.copy(record);
  record.writeUInt32LE(content.byteLength, 4);
  record.writeUIntLE(sequence, 8, 6);
  record.writeUIntLE(exposures, 14, 6);
  record.set(content, HEAD);
  record.writeUInt32LE(checksum(record), CHECKED_TO);
  return record;
}

/** The whole records of a file, whatever was cut off or changed between them. */
export function recordsIn(bytes: Uint8Array): RecordPlace[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: RecordPlace[] = [];
  for (let at = file.indexOf(MAGIC); at >= 0; ) {
    const place = recordAt(file, at);
    if (place !== undefined) found.push(place);
    at = file.indexOf(MAGIC, place?.end ?? at + 1);
  }
  return found;
}

export const contentOf = (bytes: Uint8Array, { start, end }: RecordPlace): Uint8Array =>
  bytes.subarray(start + HEAD, end);

function recordAt(file: Buffer, start: number): RecordPlace | undefined {
  if (start + HEAD > file.length) return undefined;
  const end = start + HEAD + file.readUInt32LE(start + 4);
  if (end > file.length || end - start > HEAD + MAX_CONTENT) return undefined;
  const record = file.subarray(start, end);
  if (record.readUInt32LE(CHECKED_TO) !== checksum(record)) return undefined;
  return { sequence: record.readUIntLE(8, 6), exposures: record.readUIntLE(14, 6), start, end };
}

const checksum = (record: Buffer): number =>
  crc32(record.subarray(HEAD), crc32(record.subarray(CHECKED_FROM, CHECKED_TO)));
