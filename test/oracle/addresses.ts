/** An address as one number of its family's width. */
export type Address = { readonly bits: 32 | 128; readonly number: bigint };

/** A block: the addresses whose first `prefix` bits are those of `address`. */
export type Block = { readonly address: Address; readonly prefix: number };

const PART = '(0|[1-9][0-9]{0,2})';
const IPV4 = new RegExp(`^${PART}\\.${PART}\\.${PART}\\.${PART}$`);
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const PREFIX = /^(0|[1-9][0-9]{0,2})$/;

function parseIpv4(text: string): bigint | undefined {
  const parts = IPV4.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((number, part) => number * 256n + BigInt(part), 0n);
}

/** Rewrites an IPv4 tail as the two groups that it stands for; undefined where there is a malformed one. */
function withoutTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const tail = parseIpv4(text.slice(start));
  if (tail === undefined) return undefined;
  return `${text.slice(0, start)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
}

function groupsOf(half: string): string[] {
  return half === '' ? [] : half.split(':');
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutTail(text)?.split('::') ?? [];
  const before = groupsOf(halves[0] ?? '');
  const after = groupsOf(halves[1] ?? '');
  const written = before.length + after.length;
  const complete = halves.length === 1 && written === 8;
  const gapped = halves.length === 2 && written <= 7;
  if (!complete && !gapped) return undefined;
  const groups = [...before, ...Array<string>(8 - written).fill('0'), ...after];
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`);
}

/** Parses an address; mapped IPv4 becomes IPv4. Undefined where the value is no address. */
export function parseAddress(value: unknown): Address | undefined {
  if (typeof value !== 'string' || value.length > 45) return undefined;
  if (!value.includes(':')) {
    const number = parseIpv4(value);
    return number === undefined ? undefined : { bits: 32, number };
  }
  const number = parseIpv6(value);
  if (number === undefined) return undefined;
  if (number >> 32n === 0xffffn) return { bits: 32, number: number & 0xffff_ffffn };
  return { bits: 128, number };
}

/** Parses a block, or an address as a block of itself. */
export function parseBlock(value: unknown): Block | undefined {
  if (typeof value !== 'string') return undefined;
  const slash = value.indexOf('/');
  const written = slash < 0 ? value : value.slice(0, slash);
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  if (slash < 0) return { address, prefix: address.bits };
  if (!PREFIX.test(value.slice(slash + 1))) return undefined;
  // A mapped address has its IPv4 bits behind 96 others.
  const skipped = address.bits === 32 && written.includes(':') ? 96 : 0;
  const prefix = Number(value.slice(slash + 1)) - skipped;
  return prefix >= 0 && prefix <= address.bits ? { address, prefix } : undefined;
}

/** Whether an address lies in a block. */
export function liesIn(address: Address, block: Block): boolean {
  if (address.bits !== block.address.bits) return false;
  const hostBits = BigInt(address.bits - block.prefix);
  return address.number >> hostBits === block.address.number >> hostBits;
}
