/** IP addresses and CIDR blocks, v4 (RFC 4632) and v6 (RFC 4291, 2.2), compared without allocating. */

export interface Block {
  /** 4 or 6. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) counts as IPv4. */
  family: number;
  /** The address in 32-bit words, signed: one for v4, four for v6. */
  words: [number, number, number, number];
  /** Leading bits that an address must share. */
  prefix: number;
}

export const blankBlock = (): Block => ({ family: 0, words: [0, 0, 0, 0], prefix: 0 });

/** Reads `address` or `address/prefix` into `into`; false where it is neither. Host bits of a block are ignored. */
export function readBlock(text: string, into: Block): boolean {
  const slash = text.indexOf('/');
  if (!readAddress(slash < 0 ? text : text.slice(0, slash), into)) return false;
  if (slash < 0) return true;
  const width = text.includes(':') ? 128 : 32;
  const bits = decimal(text, slash + 1, text.length);
  if (!(bits <= width)) return false;
  // A v4-mapped block is written with the prefix of its v6 form.
  into.prefix = width === 128 && into.family === 4 ? bits - 96 : bits;
  return into.prefix >= 0;
}

/** Reads one address into `into`; false where `text` is none. */
export function readAddress(text: string, into: Block): boolean {
  if (text.length > 45) return false;
  const words = into.words;
  if (!text.includes(':')) {
    const word = readV4(text, 0);
    if (word === undefined) return false;
    into.family = 4;
    into.prefix = 32;
    words[0] = word;
    return true;
  }
  if (!readV6(text, words)) return false;
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  into.family = mapped ? 4 : 6;
  into.prefix = mapped ? 32 : 128;
  if (mapped) words[0] = words[3];
  return true;
}

export function inBlock(address: Block, block: Block): boolean {
  if (address.family !== block.family) return false;
  for (let index = 0, bits = block.prefix; bits > 0; index++, bits -= 32) {
    const mask = bits >= 32 ? -1 : -1 << (32 - bits);
    if ((((address.words[index] as number) ^ (block.words[index] as number)) & mask) !== 0) return false;
  }
  return true;
}

function readV4(text: string, from: number): number | undefined {
  let word = 0;
  let position = from;
  for (let octet = 0; octet < 4; octet++) {
    const end = octet === 3 ? text.length : text.indexOf('.', position);
    const value = decimal(text, position, end);
    if (!(value <= 255)) return undefined;
    word = (word << 8) | value;
    position = end + 1;
  }
  return word;
}

/** Scratch for the eight 16-bit groups: an address is read whole before the next one, and nothing here awaits. */
const groups: number[] = [0, 0, 0, 0, 0, 0, 0, 0];

function readV6(text: string, words: number[]): boolean {
  let count = 0;
  /** The group before which `::` stands, or -1. */
  let gap = text.startsWith('::') ? 0 : -1;
  let position = gap === 0 ? 2 : 0;
  while (position < text.length) {
    if (count === 8) return false;
    const end = hexEnd(text, position);
    if (text[end] === '.') {
      const tail = readV4(text, position);
      if (tail === undefined || count > 6) return false;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    if (end === position || end - position > 4) return false;
    groups[count++] = hexadecimal(text, position, end);
    if (end === text.length) break;
    if (text[end] !== ':') return false;
    position = end + 1;
    if (text[position] === ':') {
      if (gap >= 0) return false;
      gap = count;
      position++;
    } else if (position === text.length) return false;
  }
  if (gap < 0 ? count !== 8 : count === 8) return false;
  for (let index = 0; index < 4; index++) {
    words[index] = (groupAt(2 * index, count, gap) << 16) | groupAt(2 * index + 1, count, gap);
  }
  return true;
}

/** The group at `index` once the gap is filled with zeros. */
function groupAt(index: number, count: number, gap: number): number {
  if (gap < 0 || index < gap) return groups[index] as number;
  return index < gap + 8 - count ? 0 : (groups[index - 8 + count] as number);
}

/** A number of one to three digits without a leading zero; NaN for anything else. */
function decimal(text: string, from: number, end: number): number {
  const length = end - from;
  if (length < 1 || length > 3 || (length > 1 && text[from] === '0')) return Number.NaN;
  let value = 0;
  for (let position = from; position < end; position++) {
    const digit = text.charCodeAt(position) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function hexEnd(text: string, from: number): number {
  let position = from;
  while (hexDigit(text.charCodeAt(position)) >= 0) position++;
  return position;
}

function hexadecimal(text: string, from: number, end: number): number {
  let value = 0;
  for (let position = from; position < end; position++) value = value * 16 + hexDigit(text.charCodeAt(position));
  return value;
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
