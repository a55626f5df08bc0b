import { createDraft, type Draft, findKeys, named, type Tools, type Topic } from './draft.ts';

const SALT = 'x7Kq2mPd';

/** Hashes so near to a bucket's edge that dividing by 2^32 + 1 or 2^32 - 1 gives the bucket next to it. */
function addNearEdges(draft: Draft): void {
  const split = (end: number) => [0, [0, end, 1, 100_000]];
  const first = draft.entry({ k: 'edge.first', r: 7, s: SALT, f: split(40_491) });
  draft.add('the first hash of bucket 40491', first, { targetingKey: 'user-7756' }, { variation: 'on' });
  const last = draft.entry({ k: 'edge.last', r: 7, s: SALT, f: split(42_462) });
  draft.add('the last hash of bucket 42461', last, { targetingKey: 'user-37096' }, { variation: 'off' });
}

/** Indices and ends stand in one list: an index that is above the bucket is no end. */
function addHighIndices(draft: Draft, { hash }: Tools): void {
  const names = Array.from({ length: 64 }, (_, index) => `v${index}`);
  const f = [0, [0, 1, 63, 2, 62, 3, 5, 100_000]];
  const key = draft.entry({ k: 'indices', r: 7, v: named(...names), s: SALT, f });
  const owners = ['v0', 'v63', 'v62', 'v5', 'v5'];
  for (const [bucket, unit] of findKeys(hash, SALT, [0, 1, 2, 3, 70])) {
    const variation = owners[Math.min(bucket, 4)];
    draft.add(`bucket ${bucket} of four ranges`, key, { targetingKey: unit }, { variation });
  }
}

/** `in` with many values is still not applicable to an object. */
function addManyValues(draft: Draft): void {
  for (const count of [1, 2, 8, 9, 10, 40]) {
    const values = Array.from({ length: count }, (_, index) => `value-${index}`);
    for (const attribute of [{}, { a: 'value-0' }, [{}], [[]], [['value-0']], []]) {
      draft.verdict(['in', 'a', values], { a: attribute }, 'na');
    }
    draft.verdict(['in', 'a', values], { a: [{}, 'value-0'] }, 'yes');
    draft.verdict(['in', 'a', values], { a: [{}, 'other'] }, 'no');
  }
}

/** What looks like a mapped address but for one group, and parts of 255 and 256. */
function addAddresses(draft: Draft): void {
  for (let at = 0; at < 6; at++) {
    const groups = [0, 0, 0, 0, 0, 0xffff].map((group, index) => (index === at ? group ^ 1 : group).toString(16));
    const address = `${groups.join(':')}:1.2.3.4`;
    draft.verdict(['inCidr', 'a', ['0.0.0.0/0']], { a: address }, 'no');
    draft.verdict(['inCidr', 'a', ['::/0']], { a: address }, 'yes');
    draft.verdict(['inCidr', 'a', [address]], { a: '1.2.3.4' }, 'no');
    draft.verdict(['inCidr', 'a', [address]], { a: address }, 'yes');
  }
  for (let at = 0; at < 4; at++) {
    const text = (part: number) => [1, 2, 3, 4].map((other, index) => (index === at ? part : other)).join('.');
    draft.verdict(['inCidr', 'a', ['0.0.0.0/0']], { a: text(255) }, 'yes');
    draft.verdict(['inCidr', 'a', ['0.0.0.0/0']], { a: text(256) }, 'na');
    draft.verdict(['inCidr', 'a', ['::/0']], { a: `::${text(256)}` }, 'na');
  }
}

/** A minor of exactly 1 is not zero. */
function addCarets(draft: Draft): void {
  const rows = [
    ['0.1.2', '0.1.1', 'no'],
    ['0.1.2', '0.1.2', 'yes'],
    ['0.1.2', '0.1.3', 'yes'],
    ['0.1.2', '0.2.2', 'no'],
    ['1.1.2', '1.1.3', 'yes'],
    ['1.0.2', '1.0.3', 'yes'],
    ['1.0.2', '1.2.0', 'yes'],
    ['1.0.2', '2.0.2', 'no'],
  ] as const;
  for (const [base, version, said] of rows) draft.verdict(['semverCaret', 'a', [base]], { a: version }, said);
}

/** One slip of an evaluator each. */
export function slips(tools: Tools): Topic {
  const draft = createDraft(
    'Single slips of an evaluator that no file before this one notices, found by mutating one.',
  );
  addNearEdges(draft);
  addHighIndices(draft, tools);
  addManyValues(draft);
  addAddresses(draft);
  addCarets(draft);
  return draft.done();
}
