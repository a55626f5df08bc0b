import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Flag } from '#core/flag';
import { decodeFlag, decodeHead, decodeSegment, type Links } from '#ruleset/decode';
import { fieldsOf, Refusal } from '#ruleset/expect';
import { flagEntry, segmentEntry } from '#schema/entry';
import { createRandom, randomRuleset, withSeeds } from '../../oracle/random-cases.ts';
import { mutated } from '../fixtures/damage.ts';
import { flagArbitrary, segmentArbitrary } from '../fixtures/entry-arbitraries.ts';
import { asciiJson, readerOf } from '../fixtures/lines.ts';

/** Links that find everything: only the entry's own form is compared. */
const SOUND = readerOf([{ k: 'any', r: 1, f: 0 }]).firstUse('any') as Flag;
const LINKS: Links = { flag: () => SOUND, segment: (name) => decodeSegment({ k: `segment:${name}`, r: 1 }, LINKS) };

const isSegment = (k: unknown): boolean => typeof k === 'string' && k.startsWith('segment:');

/** What the decoder throws; undefined where it takes the JSON. */
function thrownByDecoder(json: string): unknown {
  try {
    const fields = fieldsOf(JSON.parse(json));
    if (isSegment(fields['k'])) decodeSegment(fields, LINKS);
    else decodeFlag(fields, decodeHead(fields, Number.MAX_SAFE_INTEGER), LINKS);
    return undefined;
  } catch (error) {
    return error;
  }
}

const takenByDecoder = (json: string): boolean => thrownByDecoder(json) === undefined;

function takenBySchema(json: string): boolean {
  const value = JSON.parse(json) as { readonly k?: unknown };
  return (isSegment(value?.k) ? segmentEntry : flagEntry).safeParse(value).success;
}

const tally = { taken: 0, refused: 0 };
function sameVerdict(json: string): void {
  const schema = takenBySchema(json);
  if (takenByDecoder(json) !== schema)
    throw new Error(`schema ${schema ? 'takes' : 'refuses'}, decoder does not: ${json}`);
  tally[schema ? 'taken' : 'refused']++;
}

it('R31: schema and decoder both take every sound entry', () => {
  const sound = fc.oneof(flagArbitrary, segmentArbitrary).map(asciiJson);
  fc.assert(
    fc.property(sound, (json) => takenBySchema(json) && takenByDecoder(json)),
    { seed: 11, numRuns: 2_000 },
  );
});

it('R31: schema and decoder give the same verdict on 18,000 damaged flags', () => {
  fc.assert(fc.property(mutated(flagArbitrary), sameVerdict), { seed: 12, numRuns: 18_000 });
});

it('R31: schema and decoder give the same verdict on 6,000 damaged segments', () => {
  fc.assert(fc.property(mutated(segmentArbitrary), sameVerdict), { seed: 13, numRuns: 6_000 });
});

it('R31: the damaged entries are of both kinds, taken and refused', () => {
  expect(tally.taken).toBeGreaterThan(2_000);
  expect(tally.refused).toBeGreaterThan(8_000);
});

it('R31: schema and decoder give the same verdict on the entries of random rulesets', () => {
  const random = createRandom(14);
  for (let ruleset = 0; ruleset < 20; ruleset++) {
    for (const entry of withSeeds(random, randomRuleset(random, 30)).entries) sameVerdict(asciiJson(entry));
  }
});

it('R31: what the decoder refuses it refuses by a Refusal, also where the value cannot be made a text', () => {
  for (const field of ['k', 'r', 'e', 'o', 'v', 's', 'u', 'f', 'i', 'h']) {
    const json = `{"k":"a","r":1,"f":0,"${field}":{"toString":1}}`;
    expect(thrownByDecoder(json), field).toBeInstanceOf(Refusal);
  }
});

it('R31: what the decoder refuses it refuses by a Refusal, also where the value nests 10,000 deep', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  for (const field of ['k', 'r', 'e', 'o', 'v', 's', 'u', 'f', 'i', 'h']) {
    expect(thrownByDecoder(`{"k":"a","r":1,"f":0,"${field}":${deep}}`), field).toBeInstanceOf(Refusal);
  }
});
