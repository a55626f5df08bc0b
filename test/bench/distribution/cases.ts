/** What is measured of the way from the publisher into every SDK. */

export const DISTRIBUTION_CASES = [
  'distribution-move-p50',
  'distribution-move-p99',
  'distribution-return-p50',
  'distribution-return-p99',
  'distribution-delta',
  'distribution-start',
] as const;
export type DistributionCase = (typeof DISTRIBUTION_CASES)[number];

export const DISTRIBUTION_TITLES: Readonly<Record<DistributionCase, string>> = {
  'distribution-move-p50':
    'from the order at the publisher until the last SDK has it, by way of the canary; ms, half of them',
  'distribution-move-p99': 'the same; 99 of 100',
  'distribution-return-p50': 'the same of a return, which waits for no canary; half of them',
  'distribution-return-p99': 'the same; 99 of 100',
  'distribution-delta':
    'what a stream gets of one flag changed; bytes on the wire. The floor is the changed line by itself',
  'distribution-start':
    'a fresh process, from its start to the first decision by what lies on the disk; ms. The floor is a bare node',
};

export const isDistribution = (name: string): boolean => name.startsWith('distribution-');
