import { createDraft, type Draft, misspellings, type Said, type Topic } from './draft.ts';
import { NO_ADDRESSES } from './no-addresses.ts';

type Row = readonly [readonly string[], readonly string[], readonly string[]];

/** Blocks; addresses inside; addresses outside. */
const ROWS: readonly Row[] = [
  [
    ['0.0.0.0/0', '255.255.255.255/0', '::ffff:0:0/96', '::ffff:1.2.3.4/96'],
    ['0.0.0.0', '255.255.255.255', '::ffff:9.9.9.9'],
    ['::', '::1', '::9.9.9.9'],
  ],
  [
    ['::/0', 'ffff::/0'],
    ['::', '::1', 'ffff::', '::1.2.3.4', '::fffe:1.2.3.4'],
    ['0.0.0.0', '1.2.3.4', '::ffff:1.2.3.4'],
  ],
  [
    ['10.0.0.0/8', '10.255.1.2/8', '::ffff:a00:0/104'],
    ['10.0.0.0', '10.255.255.255'],
    ['9.255.255.255', '11.0.0.0', '::a00:0'],
  ],
  [['10.128.0.0/9'], ['10.128.0.0', '10.255.255.255'], ['10.127.255.255', '11.128.0.0']],
  [['192.168.0.0/16'], ['192.168.0.0', '192.168.255.255', '::FFFF:C0A8:FFFF'], ['192.167.255.255', '192.169.0.0']],
  [
    ['1.2.3.4/30', '1.2.3.7/30'],
    ['1.2.3.4', '1.2.3.7'],
    ['1.2.3.3', '1.2.3.8'],
  ],
  [['1.2.3.4/31'], ['1.2.3.4', '1.2.3.5'], ['1.2.3.3', '1.2.3.6']],
  [
    ['1.2.3.4/32', '1.2.3.4', '::ffff:1.2.3.4', '::ffff:1.2.3.4/128', '0:0:0:0:0:ffff:102:304'],
    ['1.2.3.4', '::ffff:102:304', '0:0:0:0:0:FFFF:1.2.3.4'],
    ['1.2.3.5', '1.2.3.3', '::1.2.3.4', '::102:304'],
  ],
  [['255.255.255.254/31'], ['255.255.255.254', '255.255.255.255'], ['255.255.255.253']],
  [['128.0.0.0/1'], ['128.0.0.0', '255.0.0.0'], ['127.255.255.255', '0.0.0.0']],
  [['2001:db8::/31'], ['2001:db8::', '2001:db9:ffff::'], ['2001:db7:ffff::', '2001:dba::']],
  [
    ['2001:db8::/32', '2001:DB8:1:2:3:4:5:6/32'],
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db9::', '2001:db7::', '1.2.3.4'],
  ],
  [['2001:db8::/33'], ['2001:db8:7fff::'], ['2001:db8:8000::']],
  [['2001:db8::/63'], ['2001:db8:0:1::'], ['2001:db8:0:2::']],
  [['2001:db8::/64'], ['2001:db8::1', '2001:db8:0:0:ffff:ffff:ffff:ffff'], ['2001:db8:0:1::', '2001:db8:1::']],
  [['2001:db8::/65'], ['2001:db8:0:0:7fff::'], ['2001:db8:0:0:8000::']],
  [['64:ff9b::/96'], ['64:ff9b::1.2.3.4', '64:ff9b::ffff:ffff'], ['64:ff9b::1:0:0', '1.2.3.4']],
  [['64:ff9b::/95'], ['64:ff9b::1:0:0'], ['64:ff9b::2:0:0']],
  [['64:ff9b::/97'], ['64:ff9b::7fff:ffff'], ['64:ff9b::8000:0']],
  [['::1/127', '::/127'], ['::', '::1', '0:0:0:0:0:0:0:1'], ['::2']],
  [
    ['::1/128', '::1', '0:0:0:0:0:0:0.0.0.1'],
    ['::1', '::0.0.0.1', '0000:0000:0000:0000:0000:0000:0000:0001'],
    ['::', '::2', '0.0.0.1'],
  ],
  [['fe80::/10'], ['fe80::1', 'febf:ffff::'], ['fec0::', 'fe7f::']],
  [['8000::/1'], ['8000::', 'ffff::'], ['7fff::']],
  [['::ffff:0:1.2.3.4', '::ffff:0:102:304'], ['::ffff:0:1.2.3.4'], ['1.2.3.4', '::ffff:1.2.3.4']],
  [
    ['1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:0.7.0.8', '0001:0002:0003:0004:0005:0006:0007:0008'],
    ['1:2:3:4:5:6:7:9', '2:2:3:4:5:6:7:8'],
  ],
];

/** Spellings of one address each. */
const SPELLINGS: readonly (readonly string[])[] = [
  [
    '1:0:0:0:0:0:0:8',
    '1::8',
    '1:0::8',
    '1::0:8',
    '1:0::0:8',
    '1:0:0:0::0:0:8',
    '1::0.0.0.8',
    '1:0:0::0:0:0:8',
    '1:0:0:0:0:0::8',
  ],
  ['0:2:3:4:5:6:7:8', '::2:3:4:5:6:7:8', '0:2:3:4:5:6:0.7.0.8', '::2:3:4:5:6:0.7.0.8'],
  ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:0.7.0.0'],
  ['1:2:3:0:5:6:7:8', '1:2:3::5:6:7:8', '1:2:3::5:6:0.7.0.8'],
  ['abcd:ef01::', 'ABCD:EF01::', 'aBcD:Ef01:0:0:0:0:0:0'],
  ['::', '0::', '::0', '0::0', '0:0:0:0:0:0:0:0', '::0.0.0.0', '0000::'],
];

function addRows(draft: Draft): void {
  for (const [blocks, inside, outside] of ROWS) {
    for (const block of blocks) {
      for (const attribute of inside) draft.verdict(['inCidr', 'a', [block]], { a: attribute }, 'yes');
      for (const attribute of outside) draft.verdict(['inCidr', 'a', [block]], { a: attribute }, 'no');
    }
  }
}

function addSpellings(draft: Draft): void {
  for (const spellings of SPELLINGS) {
    const [plain] = spellings;
    for (const spelling of spellings) {
      draft.verdict(['inCidr', 'a', [plain]], { a: spelling }, 'yes');
      draft.verdict(['inCidr', 'a', [spelling]], { a: plain }, 'yes');
      draft.verdict(['inCidr', 'a', [`${spelling}/128`]], { a: spelling }, 'yes');
      draft.verdict(['inCidr', 'a', ['fd00::7']], { a: spelling }, 'no');
    }
  }
}

function addPrefixes(draft: Draft): void {
  const flip = (bit: number) => 2 ** (7 - (bit % 8));
  for (let prefix = 0; prefix <= 32; prefix++) {
    const changed = (bit: number) =>
      [0, 1, 2, 3].map((part) => 85 ^ (Math.floor(bit / 8) === part ? flip(bit) : 0)).join('.');
    const says = (bit: number, said: Said) =>
      draft.verdict(['inCidr', 'a', [`85.85.85.85/${prefix}`]], { a: changed(bit) }, said);
    if (prefix > 0) says(prefix - 1, 'no');
    if (prefix < 32) says(prefix, 'yes');
  }
  for (let prefix = 0; prefix <= 128; prefix++) {
    const group = (bit: number, part: number) => 0x5a5a ^ (Math.floor(bit / 16) === part ? 2 ** (15 - (bit % 16)) : 0);
    const changed = (bit: number) => [0, 1, 2, 3, 4, 5, 6, 7].map((part) => group(bit, part).toString(16)).join(':');
    const block = `${changed(999)}/${prefix}`;
    if (prefix > 0) draft.verdict(['inCidr', 'a', [block]], { a: changed(prefix - 1) }, 'no');
    if (prefix < 128) draft.verdict(['inCidr', 'a', [block]], { a: changed(prefix) }, 'yes');
  }
}

/** `inCidr`. */
export function cidr(): Topic {
  const draft = createDraft('inCidr: IPv4, IPv6 and mapped addresses, blocks of every prefix, and what is no address.');
  addRows(draft);
  addSpellings(draft);
  addPrefixes(draft);
  for (const attribute of NO_ADDRESSES) draft.verdict(['inCidr', 'a', ['0.0.0.0/0', '::/0']], { a: attribute }, 'na');
  draft.verdict(['inCidr', 'a', ['::/0']], {}, 'na');
  for (const attribute of ['10.0.0.1', '11.0.0.1', 'fd00::1', ['x', '10.0.0.1'], ['x', '9.0.0.1'], ['x']]) {
    draft.verdict(['inCidr', 'a', ['fd00::/8', '10.0.0.0/8', '12.0.0.0/8']], { a: attribute });
    draft.verdict(['inCidr', 'a', ['fd00::/8', '10.0.0.0/8'], 1], { a: attribute });
    draft.verdict(['inCidr', 'a', ['fd00::/8', '10.0.0.0/8'], 2], { a: attribute });
  }
  return draft.done();
}

/** Addresses, one character wrong. */
export function cidrSpelling(): Topic {
  const draft = createDraft('Addresses with one character replaced, left out or doubled.');
  const characters = [...' %./0:@G`fg'];
  for (const text of ['10.2.255.0', '2001:dB8::a09F', '::ffff:1.20.30.4', '1:2:3:4:5:6:7:8', '1:2::6:1.2.3.4']) {
    for (const attribute of misspellings(text, characters)) {
      draft.verdict(['inCidr', 'a', ['10.2.128.0/17', '2001:db8::/97', '1.16.0.0/12', '1:2::/17']], { a: attribute });
    }
  }
  return draft.done();
}
