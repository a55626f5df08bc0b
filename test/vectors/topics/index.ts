import { buckets } from './buckets.ts';
import { caseFolding } from './case-folding.ts';
import { cidr, cidrSpelling } from './cidr.ts';
import type { Tools, Topic } from './draft.ts';
import { exists, lists, negation } from './exists.ts';
import { hashing, salts } from './hashing.ts';
import { holdouts } from './holdouts.ts';
import { kinds } from './kinds.ts';
import { large } from './large.ts';
import { layers } from './layers.ts';
import { membership } from './membership.ts';
import { notFinite } from './not-finite.ts';
import { numbers } from './numbers.ts';
import { off } from './off.ts';
import { paths } from './paths.ts';
import { patterns } from './patterns.ts';
import { place } from './place.ts';
import { prerequisites } from './prerequisites.ts';
import { ramps } from './ramps.ts';
import { randomTopic } from './random.ts';
import { readings } from './readings.ts';
import { references } from './references.ts';
import { refusedClauses } from './refused-clauses.ts';
import { refusedFlags } from './refused-flags.ts';
import { refusedSegments } from './refused-segments.ts';
import { seeds } from './seeds.ts';
import { segments } from './segments.ts';
import { semver, semverSpelling } from './semver.ts';
import { semverRanges } from './semver-ranges.ts';
import { slips } from './slips.ts';
import { splits } from './splits.ts';
import { steps } from './steps.ts';
import { targets } from './targets.ts';
import { text } from './text.ts';
import { timestampSpelling, timestamps } from './timestamps.ts';
import { unitKeys } from './unit-keys.ts';
import { values } from './values.ts';

/** All files in the order of their numbers; new ones go to the end. */
export const TOPICS: readonly { readonly name: string; readonly make: (tools: Tools) => Topic }[] = [
  { name: 'buckets', make: buckets },
  { name: 'hashing', make: hashing },
  { name: 'salts', make: salts },
  { name: 'unit-keys', make: unitKeys },
  { name: 'splits', make: splits },
  { name: 'steps', make: steps },
  { name: 'off', make: off },
  { name: 'values', make: values },
  { name: 'membership', make: membership },
  { name: 'text', make: text },
  { name: 'patterns', make: patterns },
  { name: 'case-folding', make: caseFolding },
  { name: 'numbers', make: numbers },
  { name: 'timestamps', make: timestamps },
  { name: 'timestamp-spelling', make: timestampSpelling },
  { name: 'semver', make: semver },
  { name: 'semver-ranges', make: semverRanges },
  { name: 'semver-spelling', make: semverSpelling },
  { name: 'cidr', make: cidr },
  { name: 'cidr-spelling', make: cidrSpelling },
  { name: 'exists', make: exists },
  { name: 'negation', make: negation },
  { name: 'lists', make: lists },
  { name: 'paths', make: paths },
  { name: 'kinds', make: kinds },
  { name: 'place', make: place },
  { name: 'prerequisites', make: prerequisites },
  { name: 'targets', make: targets },
  { name: 'segments', make: segments },
  { name: 'layers', make: layers },
  { name: 'holdouts', make: holdouts },
  { name: 'ramps', make: ramps },
  { name: 'references', make: references },
  { name: 'refused-flags', make: refusedFlags },
  { name: 'refused-clauses', make: refusedClauses },
  { name: 'refused-segments', make: refusedSegments },
  { name: 'large-lists', make: large },
  { name: 'not-finite', make: notFinite },
  { name: 'readings', make: readings },
  ...[1, 2, 3, 4].map((seed) => ({ name: `random-${seed}`, make: () => randomTopic(seed, 400) })),
  { name: 'slips', make: slips },
  { name: 'seeds', make: seeds },
];
