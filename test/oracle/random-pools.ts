/** Small pools that random clauses and random contexts share, so that they meet often. */

/** Unit keys that contexts and targets draw from. */
export const UNIT_KEYS: readonly string[] = [
  ...Array.from({ length: 40 }, (_, index) => `user-${index}`),
  '1',
  '42',
  '-7',
  'é',
  'e\u0301',
  '\u{1f600}',
  '\ud83d',
  '\ude00x',
  'İ',
  'acme',
  'd-77',
  ' ',
];

/** Values in the place of a unit key that are integers, or no unit key at all. */
export const ODD_UNIT_KEYS: readonly unknown[] = [
  42,
  1,
  -7,
  -0,
  0,
  9007199254740991,
  9007199254740992,
  1.5,
  '',
  'k'.repeat(2_048),
  'k'.repeat(2_049),
  true,
  null,
  [],
  ['user-1'],
  {},
];

/** Texts for membership, text operators and patterns. */
export const TEXTS: readonly string[] = [
  '',
  'a',
  'A',
  'gold',
  'Gold',
  'golden',
  'silver',
  'marigold',
  'é',
  'É',
  'e\u0301',
  'İ',
  'i\u0307',
  'ı',
  'ΑΣ',
  'ας',
  'ασ',
  'ß',
  'ẞ',
  'ss',
  '\u{1f600}',
  '\ud83d',
  '\ude00',
  'true',
  '1',
  ' gold',
  '__proto__',
];

/** Numbers for membership and comparison. */
export const NUMBERS: readonly number[] = [
  0, -0, 1, -1, 0.1, 0.30000000000000004, 0.3, 41, 42, 43, 1e21, -1e21, 5e-324, 9007199254740991, 9007199254740992,
];

/** Texts and numbers that are timestamps. */
export const TIMESTAMPS: readonly (string | number)[] = [
  '2026-11-23T08:00:00Z',
  '2026-11-23T08:00:00.000Z',
  '2026-11-23t09:00:00.0009+01:00',
  '2026-11-23T07:59:60Z',
  '2026-11-23T07:59:59.999z',
  '2026-11-23T08:00:00.001Z',
  '2024-02-29T23:59:59-23:59',
  '0000-02-29T00:00:00Z',
  '9999-12-31T23:59:60.999Z',
  '1969-12-31T23:59:59.999Z',
  1795420800000,
  1795420799999,
  1795420800001,
  0,
  -0.5,
];

/** Texts that look like timestamps and are none. */
export const NO_TIMESTAMPS: readonly string[] = [
  '2026-11-23',
  '2026-11-23T08:00:00',
  '2025-02-29T00:00:00Z',
  '2026-11-23 08:00:00Z',
  '2026-11-23T24:00:00Z',
  '2026-11-23T08:00:61Z',
  '2026-11-23T08:00:00+24:00',
  '2026-11-23T08:00:00.Z',
];

/** Texts that are versions. */
export const VERSIONS: readonly string[] = [
  '0',
  '0.0',
  '0.0.0',
  '0.0.1',
  '0.1',
  '0.1.0',
  '0.1.9',
  '0.2.0-rc.1',
  '1',
  '1.0.0',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-1',
  '1.0.0-a-b',
  '1.0.0+build.01',
  '1.2',
  '1.2.3',
  '1.2.4-0',
  '1.10.0',
  '2',
  '999999999999999.0.0',
];

/** Texts that look like versions and are none. */
export const NO_VERSIONS: readonly string[] = [
  'v1',
  '1.',
  '01',
  '1.2.3.4',
  '1.0.0-',
  '1.0.0-01',
  '1.0.0+',
  ' 1',
  '1.x',
];

/** Texts that are addresses. */
export const ADDRESSES: readonly string[] = [
  '0.0.0.0',
  '10.0.0.1',
  '10.1.2.3',
  '10.127.255.255',
  '10.128.0.0',
  '192.168.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::10.0.0.1',
  '::ffff:10.0.0.1',
  '::FFFF:a01:203',
  '0:0:0:0:0:ffff:192.168.0.1',
  '2001:db8::1',
  '2001:DB8:0:0::1',
  '2001:db8:0:1::',
  '2001:db8:8000::',
  'fe80::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255',
];

/** Texts that are blocks, besides addresses. */
export const BLOCKS: readonly string[] = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/9',
  '10.99.99.99/31',
  '10.0.0.1/32',
  '::/0',
  '::/96',
  '::1/128',
  '2001:db8::/32',
  '2001:db8::/33',
  '2001:db8::/64',
  '2001:db8::/63',
  '::ffff:10.0.0.0/104',
  '::ffff:0:0/96',
  'fe80::/10',
];

/** Texts that look like addresses and are none. */
export const NO_ADDRESSES: readonly string[] = [
  '10.0.0.01',
  '10.0.0',
  '256.0.0.1',
  ':::',
  '1::2::3',
  'fe80::1%eth0',
  '::g',
];

/** Patterns that compile. */
export const PATTERNS: readonly string[] = [
  '^gold$',
  'gold',
  '^[A-Z]',
  'old$',
  '^.$',
  '\\p{Lu}',
  'é',
  'ß',
  '^(?:a|silver)$',
  '\\d+',
  '\\u{1f600}',
  '[σς]$',
  'i',
  '^$',
];

/** Places that evaluators and spoofing contexts claim. */
export const REGIONS: readonly string[] = ['eu-west-1', 'us-east-1', 'EU-WEST-1'];
