/**
 * Where two texts of lines differ: most of two rulesets that follow one another is the same, and comparing costs next to nothing beside
 * reading.
 */

/** Whole lines from `from` on, up to `before` in the one text and `after` in the other. Everything around them is the same. */
export interface ChangedPart {
  readonly from: number;
  readonly before: number;
  readonly after: number;
}

export function changedPart(before: string, after: string): ChangedPart {
  const most = Math.min(before.length, after.length);
  const prefix = longest(most, (one, other) => before.slice(one, other) === after.slice(one, other));
  const from = prefix === 0 ? 0 : before.lastIndexOf('\n', prefix - 1) + 1;
  const suffix = longest(most - from, (one, other) => fromEnd(before, one, other) === fromEnd(after, one, other));
  const end = suffix === 0 ? -1 : after.indexOf('\n', after.length - suffix);
  const behind = end < 0 ? 0 : after.length - end - 1;
  return { from, before: before.length - behind, after: after.length - behind };
}

/** The greatest length up to which two texts are the same, found by halving; `isSame` compares between two lengths. */
function longest(most: number, isSame: (one: number, other: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // Slices are compared as memory is, which a search of one text in another is not.
    if (isSame(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** From `to` characters before the end up to `from` before it. */
const fromEnd = (text: string, from: number, to: number): string => text.slice(text.length - to, text.length - from);
