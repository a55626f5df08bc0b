/** IP addresses and CIDR blocks, v4 (RFC 4632) and v6 (RFC 4291, 2.2). */

export interface Block {
  /** Groups of 16 bits: two for v4, eight for v6. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) counts as IPv4. */
  readonly groups: readonly number[];
  /** Leading bits that an address must share. */
  readonly prefix: number;
}

const MAX_LENGTH = 45;

/** Reads `address` or `address/prefix`; undefined where `text` is neither. Host bits of a block are ignored. */
export function readBlock(text: string): Block | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return readAddress(text);
  const address = readAddress(text.slice(0, slash));
  if (address === undefined) return undefined;
  // A v4-mapped block is written with the prefix of its v6 form.
  const prefix = address.prefix - (text.includes(':') ? 128 : 32) + decimal(text.slice(slash + 1));
  return prefix >= 0 && prefix <= address.prefix ? { ...address, prefix } : undefined;
}

/** Reads one address; undefined where `text` is none. */
export function readAddress(text: string): Block | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const written = text.includes(':') ? readV6(text) : readV4(text);
  if (written === undefined) return undefined;
  const mapped = written.findIndex((group) => group !== 0) === 5 && written[5] === 0xffff;
  const groups = mapped ? written.slice(6) : written;
  return { groups, prefix: 16 * groups.length };
}

export function inBlock(address: Block, block: Block): boolean {
  if (address.groups.length !== block.groups.length) return false;
  return block.groups.every((group, at) => {
    const bits = Math.min(16, Math.max(0, block.prefix - 16 * at));
    return (group ^ (address.groups[at] as number)) >> (16 - bits) === 0;
  });
}

function readV4(text: string): number[] | undefined {
  const [a, b, c, d, ...more] = text.split('.').map(decimal) as [number, number, number, number];
  if (more.length > 0 || !(a <= 255 && b <= 255 && c <= 255 && d <= 255)) return undefined;
  return [(a << 8) | b, (c << 8) | d];
}

function readV6(text: string): number[] | undefined {
  const [head, tail, ...more] = text.split('::') as [string, string?];
  const left = readGroups(head, tail === undefined);
  const right = readGroups(tail ?? '', true);
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const missing = 8 - left.length - right.length;
  // `::` stands for one group at least.
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...left, ...new Array<number>(missing).fill(0), ...right];
}

/** Groups between colons; the last may be an IPv4 address where the text ends there. */
function readGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const v4 = last && at === parts.length - 1 && part.includes('.');
    const group = v4 ? readV4(part) : /^[\da-f]{1,4}$/i.test(part) ? [Number.parseInt(part, 16)] : undefined;
    if (group === undefined) return undefined;
    groups.push(...group);
  }
  return groups;
}

/** A number of one to three digits without a leading zero; NaN for anything else. */
const decimal = (text: string): number => (/^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN);
