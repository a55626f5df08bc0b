import { createRandom, randomContext, randomPlace, randomRuleset } from '../../oracle/random-cases.ts';
import { createDraft, type Topic } from './draft.ts';

const FLAGS = 40;

/** Random contexts against a random ruleset, the same at every run. */
export function randomTopic(seed: number, count: number): Topic {
  const draft = createDraft(`Random contexts against a random ruleset of ${FLAGS} flags, seed ${seed}.`);
  const random = createRandom(seed);
  const { version, entries } = randomRuleset(random, FLAGS);
  for (const entry of entries) draft.entry(entry);
  const keys = entries.map((entry) => entry.k).filter((key) => !key.startsWith('segment:'));
  for (let index = 0; index < count; index++) {
    const place = index % 5 === 0 ? undefined : randomPlace(random);
    draft.add(`random ${index}`, random.pick(keys), randomContext(random), {}, place);
  }
  const { description, ruleset, cases } = draft.done();
  return { description, ruleset: { ...ruleset, version }, cases };
}
