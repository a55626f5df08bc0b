import { createDraft, named, type Topic } from './draft.ts';

/** What serves off, and what is served offline, under each way to leave `o` and `d` out. */
export function off(): Topic {
  const draft = createDraft('Disabled flags, off variations and offline defaults, there and left out.');
  const v = named('a', 'b', 'c');
  const outlets = [{}, { o: 0 }, { o: 2 }, { d: 0 }, { d: 1 }, { o: 0, d: 2 }, { o: 2, d: 0 }, { o: 1, d: 1 }];
  const states: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    disabled: { e: 0 },
    prerequisite: { p: [['base', ['on']]] },
    holdout: { h: ['quiet', 'h', 100_000] },
    layer: { l: ['grid', 'l', []] },
    everything: {
      e: 0,
      p: [['base', ['on']]],
      i: [[1, ['user-1']]],
      h: ['q', 'h', 100_000],
      u: [['r', [['exists', 'a', []]], 1]],
    },
    sound: {},
    'refused by f': { f: 3 },
    'refused by s': { s: '' },
    'refused by u': { u: [] },
    'refused by p': { p: [['nothing', ['on']]] },
    'refused by n': { n: 0 },
    'disabled and refused': { e: 0, c: 2 },
  };
  draft.entry({ k: 'base', r: 3, f: 0 });
  Object.entries(states).forEach(([state, fields], row) => {
    outlets.forEach((outlet, column) => {
      const key = draft.entry({ k: `off.${row}.${column}`, r: 6, v, ...outlet, f: 1, ...fields });
      const refused = state.includes('refused');
      const want = refused ? { errorCode: 'PARSE_ERROR', reason: 'ERROR', revision: 6 } : {};
      for (const context of [{ targetingKey: 'user-1', a: 1 }, {}]) {
        draft.add(`${state}, ${JSON.stringify(outlet)}: ${JSON.stringify(context)}`, key, context, want);
      }
    });
  });
  return draft.done();
}
