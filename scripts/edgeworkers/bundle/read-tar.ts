/** Reads a tar archive (POSIX ustar, with pax and GNU long names). Pure. Source: pubs.opengroup.org, pax, "ustar Interchange Format". */

export interface TarFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly data: Uint8Array;
}

const BLOCK = 512;
const REGULAR = new Set(['0', '\0', '']);

/** The regular files. Throws a `RangeError` where it is none. */
export function readTar(archive: Uint8Array): readonly TarFile[] {
  const files: TarFile[] = [];
  let longName: string | undefined;
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header, at);
    const size = octal(header, 124, 12);
    const data = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (data.length < size) throw new RangeError(`the archive ends inside the file that starts at byte ${at}`);
    const type = text(header, 156, 1);
    if (type === 'x') longName = paxPath(data) ?? longName;
    else if (type === 'L') longName = text(data, 0, size);
    else {
      const path = longName ?? pathOf(header);
      longName = undefined;
      if (REGULAR.has(type)) files.push({ path: path.replace(/^\.\//, ''), mode: octal(header, 100, 8), data });
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new RangeError('the archive has no end');
}

function pathOf(header: Uint8Array): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The sum of all bytes, its own field taken as spaces. */
function checkSum(header: Uint8Array, at: number): void {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== octal(header, 148, 8)) throw new RangeError(`the header at byte ${at} has a wrong checksum`);
}

function octal(bytes: Uint8Array, from: number, length: number): number {
  const digits = text(bytes, from, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new RangeError(`not an octal number: ${JSON.stringify(digits)}`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Records are `<length> <key>=<value>\n`. */
const paxPath = (data: Uint8Array): string | undefined => /^\d+ path=(.*)$/m.exec(new TextDecoder().decode(data))?.[1];
