/** Packs files as `tar -czf` does: none executable, of no time and no owner, so that the same files give the same bytes. */
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';

export interface PackedFile {
  readonly name: string;
  readonly data: string;
}

/** Two blocks of zeroes. nanotar leaves them out where the files end where one of tar's records of 10,240 bytes does. */
const END = new Uint8Array(1_024);

export function packTgz(files: readonly PackedFile[]): Uint8Array {
  const archive = createTar([...files], { attrs: { mode: '644', uid: 0, gid: 0, mtime: 0 } });
  return gzipSync(Buffer.concat([archive, END]), { level: 9 });
}
