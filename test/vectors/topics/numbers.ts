import { createDraft, type Said, type Topic } from './draft.ts';

const NUMBERS = [
  0, -0, 1, -1, 2, 10, 0.1, 0.3, 0.30000000000000004, -0.5, 1e21, -1e21, 5e-324, 9007199254740992,
  1.7976931348623157e308,
];
const FEW = [0, 1, 0.30000000000000004, 9007199254740992, -1e21];
const OTHERS: readonly unknown[] = ['1', '', '0', 'NaN', true, false, null, {}, [], ['1'], [true], [[1]], [{}]];

function expected(operator: string, attribute: number, value: number): Said {
  const order = attribute === value ? 0 : attribute - value < 0 ? -1 : 1;
  const holds = { lessThan: order < 0, atMost: order <= 0, greaterThan: order > 0, atLeast: order >= 0 }[operator];
  return holds === true ? 'yes' : 'no';
}

/** `lessThan`, `atMost`, `greaterThan`, `atLeast`. */
export function numbers(): Topic {
  const draft = createDraft('lessThan, atMost, greaterThan, atLeast: as IEEE 754 doubles, on numbers alone.');
  for (const operator of ['lessThan', 'atMost', 'greaterThan', 'atLeast']) {
    for (const value of FEW) {
      for (const attribute of NUMBERS) {
        draft.verdict([operator, 'a', [value]], { a: attribute }, expected(operator, attribute, value));
      }
    }
    for (const attribute of [4, 5, 6, 14, 15, 16]) {
      draft.verdict([operator, 'a', [5, 15]], { a: attribute });
      draft.verdict([operator, 'a', [15, 5], 2], { a: attribute });
      draft.verdict([operator, 'a', [5], 1], { a: attribute });
      draft.verdict([operator, 'a', [5], 3], { a: attribute });
    }
    for (const attribute of OTHERS) draft.verdict([operator, 'a', [1, 0]], { a: attribute }, 'na');
    draft.verdict([operator, 'a', [1]], {}, 'na');
    for (const list of [[1, 9], [9, 1], ['1', 9], [1, '9'], [null, 9], [5]])
      draft.verdict([operator, 'a', [5]], { a: list });
  }
  return draft.done();
}
