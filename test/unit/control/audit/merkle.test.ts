import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_ROOT, leafHash, nodeHash } from '#control/audit/merkle-hash';
import { createPeaks } from '#control/audit/merkle-peaks';
import { consistencyProof, inclusionProof } from '#control/audit/merkle-proof';
import { appendLeaf, type NodeStore, rootAt } from '#control/audit/merkle-tree';
import { verifyConsistency, verifyInclusion } from '#control/audit/verify-proof';
import { createNodes } from './fixtures/audit-log.ts';

const hex = (hash: string): string => Buffer.from(hash, 'base64url').toString('hex');
const hash = (text: string): string => Buffer.from(text, 'hex').toString('base64url');

/** The definitions of RFC 6962, section 2.1, as they are written, by another library. */
const sha = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const split = (count: number): number => 2 ** Math.floor(Math.log2(count - 1));
const mth = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0]!);
  const k = split(leaves.length);
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
};
const path = (m: number, leaves: readonly Uint8Array[]): Buffer[] => {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
};
const subproof = (m: number, leaves: readonly Uint8Array[], whole: boolean): Buffer[] => {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
};
const texts = (hashes: readonly Buffer[]): string[] => hashes.map((one) => one.toString('base64url'));

function treeOf(leaves: readonly Uint8Array[]): NodeStore {
  const nodes = createNodes();
  for (const [index, leaf] of leaves.entries()) appendLeaf(nodes, index, leafHash(leaf));
  return nodes;
}

/** The leaves, roots and proofs of the Certificate Transparency reference tests. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (one) => Uint8Array.from(Buffer.from(one, 'hex')),
);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const INCLUSIONS: readonly [index: number, size: number, proof: readonly string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const CONSISTENCIES: readonly [from: number, size: number, proof: readonly string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

describe('the published vectors', () => {
  const tree = treeOf(LEAVES);

  it('give the root of every size, the empty tree included', () => {
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(rootAt(createNodes(), 0)).toBe(EMPTY_ROOT);
    expect(ROOTS.map((_, at) => hex(rootAt(tree, at + 1)))).toEqual(ROOTS);
  });

  it.each(INCLUSIONS)('prove leaf %i of %i', (index, size, published) => {
    const proof = inclusionProof(tree, index, size);
    expect(proof.map(hex)).toEqual(published);
    const claim = { index, size, leaf: leafHash(LEAVES[index]!), root: hash(ROOTS[size - 1]!), proof };
    expect(verifyInclusion(claim)).toBe(true);
  });

  it.each(CONSISTENCIES)('prove that %i grew to %i', (from, size, published) => {
    const proof = consistencyProof(tree, from, size);
    expect(proof.map(hex)).toEqual(published);
    const claim = { from, size, fromRoot: hash(ROOTS[from - 1]!), root: hash(ROOTS[size - 1]!), proof };
    expect(verifyConsistency(claim)).toBe(true);
  });
});

describe('a tree of up to 70 leaves', () => {
  const leaves = Array.from({ length: 70 }, (_, at) => Uint8Array.from(Buffer.from(`leaf ${at}`)));
  const tree = treeOf(leaves);
  const roots = Array.from({ length: 71 }, (_, size) => rootAt(tree, size));

  it('has the root of the definition at every size, from its nodes and from its right edge', () => {
    const peaks = createPeaks();
    for (let size = 0; size <= 70; size++) {
      const root = mth(leaves.slice(0, size)).toString('base64url');
      expect(roots[size]).toBe(root);
      expect(peaks.root()).toBe(root);
      if (size < 70) peaks.push(leafHash(leaves[size]!));
    }
  });

  it('proves each leaf at each size as the definition has it, and nothing else', () => {
    for (let size = 1; size <= 70; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(tree, index, size);
        expect(proof).toEqual(texts(path(index, leaves.slice(0, size))));
        const claim = { index, size, leaf: leafHash(leaves[index]!), root: roots[size]!, proof };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: leafHash(leaves[(index + 1) % 70]!) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: roots[size - 1]! })).toBe(false);
        expect(verifyInclusion({ ...claim, index: index + 1 })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, roots[1]!] })).toBe(false);
        if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
      }
    }
  });

  it('proves that each size grew from each smaller one, and nothing else', () => {
    for (let size = 0; size <= 70; size++) {
      for (let from = 0; from <= size; from++) {
        const proof = consistencyProof(tree, from, size);
        expect(proof).toEqual(from === 0 ? [] : texts(subproof(from, leaves.slice(0, size), true)));
        const claim = { from, size, fromRoot: roots[from]!, root: roots[size]!, proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: leafHash(Uint8Array.of(1)) })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...proof, roots[1]!] })).toBe(false);
        if (from === size || from === 0) continue;
        expect(verifyConsistency({ ...claim, root: leafHash(Uint8Array.of(1)) })).toBe(false);
        expect(verifyConsistency({ ...claim, from: from - 1 })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
      }
    }
  });

  it('refuses proofs of what is no hash, no number or out of order', () => {
    const claim = { index: 0, size: 2, leaf: leafHash(leaves[0]!), root: roots[2]!, proof: inclusionProof(tree, 0, 2) };
    expect(verifyInclusion({ ...claim, proof: [''] })).toBe(false);
    expect(verifyInclusion({ ...claim, size: 2.5 })).toBe(false);
    expect(verifyInclusion({ ...claim, index: -1 })).toBe(false);
    expect(verifyConsistency({ from: 2, size: 1, fromRoot: roots[2]!, root: roots[1]!, proof: [] })).toBe(false);
    expect(() => inclusionProof(tree, 2, 2)).toThrow(RangeError);
    expect(() => consistencyProof(tree, 3, 2)).toThrow(RangeError);
    expect(() => rootAt(tree, 71)).toThrow(/no node/);
  });
});

it('an append reads and writes as many nodes as the tree is high, at most', () => {
  const nodes = createNodes();
  let touched = 0;
  const counting: NodeStore = {
    get(level, index) {
      touched++;
      return nodes.get(level, index);
    },
    put(level, index, one) {
      touched++;
      nodes.put(level, index, one);
    },
  };
  const touches = Array.from({ length: 4_096 }, (_, size) => {
    touched = 0;
    appendLeaf(counting, size, leafHash(Uint8Array.of(size & 255)));
    return touched;
  });
  expect(Math.max(...touches)).toBe(1 + 2 * 12);
  expect(touches.reduce((sum, one) => sum + one, 0) / touches.length).toBeLessThan(3);
});

it('the order of appends matters, and a root is of one list of leaves alone', () => {
  const lists = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const same = JSON.stringify(a.map((one) => [...one])) === JSON.stringify(b.map((one) => [...one]));
      expect(rootAt(treeOf(a), a.length) === rootAt(treeOf(b), b.length)).toBe(same);
      expect(rootAt(treeOf(a), a.length)).toBe(mth(a).toString('base64url'));
    }),
  );
});

it('a leaf never passes for a node', () => {
  const [left, right] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
  const both = Buffer.concat([Buffer.from(left, 'base64url'), Buffer.from(right, 'base64url')]);
  expect(leafHash(both)).not.toBe(nodeHash(left, right));
});
