import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Flag } from '#core/flag';
import { decodeFlag, decodeHead, decodeSegment, type Links } from '#ruleset/decode';
import { fieldsOf, Refusal } from '#ruleset/expect';
import { flagEntry, segmentEntry } from '#schema/entry';
import { createRandom, randomRuleset } from '../../oracle/random-cases.ts';
import { flagArbitrary, hostileValue, segmentArbitrary } from '../fixtures/entry-arbitraries.ts';
import { asciiJson, type RawEntry, readerOf } from '../fixtures/lines.ts';

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

/** Where to damage, as a share of all places, and with what. */
type Mutation = readonly [kind: number, place: number, other: number, value: unknown];

const MUTATIONS = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 9 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    hostileValue,
  ),
  { minLength: 1, maxLength: 3 },
);

type Container = Record<string, unknown> | unknown[];
type Place = readonly [container: Container, key: string];

/** Every place in a JSON value; those nearer to the root come first. */
function placesIn(root: unknown): Place[] {
  const places: Place[] = [];
  const pending: unknown[] = [root];
  for (const one of pending) {
    if (typeof one !== 'object' || one === null) continue;
    for (const key of Object.keys(one)) {
      places.push([one as Container, key]);
      pending.push((one as Record<string, unknown>)[key]);
    }
  }
  return places;
}

const read = ([container, key]: Place): unknown => (container as Record<string, unknown>)[key];
const write = ([container, key]: Place, value: unknown): void => {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
};

function mutate(entry: unknown, [kind, where, other, value]: Mutation): void {
  const places = placesIn(entry);
  const place = places[Math.floor(where * places.length)];
  const second = places[Math.floor(other * places.length)];
  if (place === undefined || second === undefined) return;
  const [container, key] = place;
  if (kind <= 3) write(place, value);
  else if (kind === 4) {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
  } else if (kind === 5) {
    const moved = structuredClone(read(place));
    write(place, structuredClone(read(second)));
    if (placesIn(entry).some(([one]) => one === second[0])) write(second, moved);
  } else if (kind === 6 && Array.isArray(container)) container.splice(Number(key), 0, structuredClone(read(place)));
  else if (kind === 7 && Array.isArray(container)) container.push(value);
  else if (kind === 8 && !Array.isArray(container)) write([container, '__proto__'], value);
  else if (typeof read(place) === 'number') write(place, (read(place) as number) + (other < 0.5 ? 1 : -1));
}

/** Some sound and some damaged entries, as JSON text. */
const mutated = (sound: fc.Arbitrary<RawEntry>): fc.Arbitrary<string> =>
  fc.tuple(sound, MUTATIONS).map(([entry, mutations]) => {
    const copy: unknown = structuredClone(entry);
    for (const mutation of mutations) mutate(copy, mutation);
    return asciiJson(copy);
  });

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
    for (const entry of randomRuleset(random, 30).entries) sameVerdict(asciiJson(entry));
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
