import type { Place } from '../../oracle/context.ts';
import { createDraft, type Topic } from './draft.ts';

const PLACES: readonly Place[] = [
  {},
  { region: 'eu-west-1' },
  { region: 'us-east-1', cloud: 'aws', pop: 'FRA' },
  { cloud: 'aws' },
  { pop: 'FRA' },
  { region: 'aws', cloud: 'FRA', pop: 'eu-west-1' },
];

const CONTEXTS: readonly unknown[] = [
  {},
  { region: 'eu-west-1', cloud: 'aws', pop: 'FRA' },
  { region: 'us-east-1', cloud: 'gcp', pop: 'AMS' },
  { account: { region: 'eu-west-1', cloud: 'aws', pop: 'FRA' } },
  { region: { region: 'eu-west-1' }, cloud: null, pop: ['FRA'] },
];

/** Where the evaluator runs. */
export function place(): Topic {
  const draft = createDraft('region, cloud and pop: what the evaluator knows, never what the context claims.');
  const clauses = [
    ['in', 'region', ['eu-west-1']],
    ['in', 'cloud', ['aws']],
    ['in', 'pop', ['FRA']],
    ['startsWith', 'region', ['eu-']],
    ['in', 'region', ['EU-WEST-1'], 2],
    ['in', 'pop', ['FRA'], 1],
    ['exists', 'region', []],
    ['exists', 'cloud', []],
    ['exists', 'pop', []],
    ['in', 'region', ['eu-west-1'], 0, 'account'],
    ['in', 'cloud', ['aws'], 0, 'account'],
    ['in', 'pop', ['FRA'], 0, 'account'],
    ['in', ['account', 'region'], ['eu-west-1']],
    ['in', ['region', 'region'], ['eu-west-1']],
    ['in', 'Region', ['eu-west-1']],
    ['in', 'provider', ['aws']],
  ] as const;
  for (const clause of clauses) {
    for (const context of CONTEXTS) {
      for (const where of PLACES)
        draft.verdict(clause, context, undefined, `${JSON.stringify(context)} in ${JSON.stringify(where)}`, where);
      draft.verdict(clause, context, undefined, `${JSON.stringify(context)} nowhere`);
    }
  }
  draft.entry({ k: 'segment:europe', r: 3, u: [[['in', 'region', ['eu-west-1']]]] });
  const europe = draft.entry({ k: 'europe', r: 3, u: [['r', [['segment', ['europe']]], 1]], f: 0 });
  const behind = draft.entry({ k: 'behind', r: 3, p: [['europe', ['on']]], o: 0, f: 1 });
  for (const where of PLACES) {
    for (const context of CONTEXTS) {
      const variation = where.region === 'eu-west-1' ? 'on' : 'off';
      const shown = `${JSON.stringify(context)} in ${JSON.stringify(where)}`;
      draft.add(`in a segment: ${shown}`, europe, context, { variation }, where);
      draft.add(`in a prerequisite: ${shown}`, behind, context, { variation }, where);
    }
  }
  return draft.done();
}
