import { createDraft, named, type Topic } from './draft.ts';

const PERCENTS = [1, 5, 25, 50, 99, 100];
const USERS = 100;

/** The same users while a flag is rolled out. */
export function ramps(): Topic {
  const draft = createDraft('A roll-out at 1, 5, 25, 50, 99 and 100 %: whoever has the flag keeps it.');
  for (const percent of PERCENTS) {
    const end = percent * 1_000;
    const ranges = percent === 100 ? [1, 100_000] : [1, end, 0, 100_000];
    const key = draft.entry({ k: `ramp.${percent}`, r: 7, v: named('off', 'on'), s: 'ramp', f: [0, ranges] });
    const u = [['r', [['exists', 'targetingKey', []]], [0, ranges]]];
    const rule = draft.entry({ k: `rule.${percent}`, r: 7, v: named('off', 'on'), s: 'ramp', u, f: 0 });
    for (let user = 0; user < USERS; user++) {
      const context = { targetingKey: `account/${user * 37}` };
      draft.add(`${percent} %: ${context.targetingKey}`, key, context);
      if (user % 7 === 0) draft.add(`${percent} % in a rule: ${context.targetingKey}`, rule, context);
    }
  }
  return draft.done();
}
