import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clauseVerdict } from '../fixtures/verdict.ts';

const isBlock = (text: string): boolean => clauseVerdict('inCidr', [text], '0.0.0.0') !== 'refused';
const isAddress = (text: string): boolean => clauseVerdict('inCidr', ['0.0.0.0/0'], text) !== 'not applicable';

function contains(block: string, address: string): boolean {
  const verdict = clauseVerdict('inCidr', [block], address);
  expect(['yes', 'no'], `${block} ${address}`).toContain(verdict);
  return verdict === 'yes';
}

/** block, address, whether it lies inside */
const TABLE: readonly (readonly [string, string, boolean])[] = [
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.1.2.3/8', '10.9.9.9', true],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['255.255.255.255/32', '255.255.255.255', true],
  ['255.255.255.254/31', '255.255.255.255', true],
  ['255.255.255.254/31', '255.255.255.253', false],
  ['192.0.2.0/25', '192.0.2.127', true],
  ['192.0.2.0/25', '192.0.2.128', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['2001:db8::/32', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['2001:DB8::/32', '2001:0db8::1', true],
  ['::/0', 'ffff::', true],
  ['::/0', '10.0.0.1', false],
  ['0.0.0.0/0', '::1', false],
  ['::1/128', '0:0:0:0:0:0:0:1', true],
  ['fe80::/10', 'febf::1', true],
  ['fe80::/10', 'fec0::1', false],
  ['2001:db8::/65', '2001:db8:0:0:7fff::', true],
  ['2001:db8::/65', '2001:db8:0:0:8000::', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:a01:203', true],
  ['10.0.0.0/8', '0:0:0:0:0:ffff:0a01:0203', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true],
  ['::ffff:10.0.0.0/104', '11.1.2.3', false],
  ['::ffff:0:0/96', '1.2.3.4', true],
  ['::10.1.2.3/128', '10.1.2.3', false],
  ['::10.1.2.3/128', '::a01:203', true],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304', true],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', true],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', true],
];

for (const [block, address, inside] of TABLE) {
  it(`finds ${address} ${inside ? 'inside' : 'outside'} ${block}`, () => expect(contains(block, address)).toBe(inside));
}

const NO_ADDRESSES = [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.04',
  '1.2.3.-4',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.4/8',
  '0x1.2.3.4',
  '1..3.4',
  '１.2.3.4',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '1::2::3',
  '1:',
  ':1',
  '1:2:3:4:5:6:7:',
  '12345::',
  'g::',
  '::1%eth0',
  '[::1]',
  '::1.2.3',
  '::1.2.3.256',
  '1.2.3.4::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3.4:5',
  'localhost',
  '0000:0000:0000:0000:0000:ffff:255.255.255.2555',
  '1:2:3:4:5:6:7.8.9.10:',
  '::.1.2.3.4',
  '::1.2.3.4.5',
];

for (const text of NO_ADDRESSES) {
  it(`reads ${JSON.stringify(text)} as no address`, () => expect(isAddress(text)).toBe(false));
}

const NO_BLOCKS = [
  '1.2.3.4/',
  '1.2.3.4/33',
  '1.2.3.4/08',
  '1.2.3.4/-1',
  '1.2.3.4/ 8',
  '1.2.3.4/8/8',
  '::/129',
  '::/0128',
];
const NO_MAPPED_BLOCKS = ['::ffff:1.2.3.4/95', '::ffff:1.2.3.4/0', '/8', 'x/8', '1.2.3.4/1e1', '1.2.3.4/255.0.0.0'];

for (const text of [...NO_BLOCKS, ...NO_MAPPED_BLOCKS]) {
  it(`reads ${JSON.stringify(text)} as no block`, () => expect(isBlock(text)).toBe(false));
}

it('agrees with integer arithmetic on IPv4 blocks', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
  fc.assert(
    fc.property(
      word,
      word,
      fc.integer({ min: 0, max: 32 }),
      fc.integer({ min: 0, max: 32 }),
      (block, other, prefix, same) => {
        const size = 2 ** (32 - same);
        const address = Math.floor(block / size) * size + (other % size);
        const width = 2 ** (32 - prefix);
        const inside = Math.floor(block / width) === Math.floor(address / width);
        expect(contains(`${dotted(block)}/${prefix}`, dotted(address))).toBe(inside);
      },
    ),
    { seed: 1 },
  );
});

it('agrees with integer arithmetic on IPv6 blocks', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  const written = (words: readonly number[]): string => words.map((one) => one.toString(16)).join(':');
  const bits = (words: readonly number[]): bigint => words.reduce((sum, one) => (sum << 16n) | BigInt(one), 0n);
  fc.assert(
    fc.property(
      groups,
      groups,
      fc.integer({ min: 0, max: 128 }),
      fc.integer({ min: 0, max: 8 }),
      (block, other, prefix, same) => {
        const address = [...block.slice(0, same), ...other.slice(same)];
        const width = BigInt(128 - prefix);
        expect(contains(`${written(block)}/${prefix}`, written(address))).toBe(
          bits(block) >> width === bits(address) >> width,
        );
      },
    ),
    { seed: 2 },
  );
});
