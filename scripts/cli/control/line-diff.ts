/** What differs between two texts, line by line: `- ` went, `+ ` came, two blanks stayed. */

/** What is longer is shown where it differs, and this far around. */
const SHORT = 40;
const AROUND = 3;
/** Beyond that many pairs of lines, a text is shown as gone and come whole. */
const MAX_PAIRS = 1_000_000;

export function lineDiff(before: string, after: string): string[] {
  const [old, next] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < next.length - head && old.at(-1 - tail) === next.at(-1 - tail)) tail++;
  const stayed = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  return aroundChanges([
    ...stayed(old.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), next.slice(head, next.length - tail)),
    ...stayed(old.slice(old.length - tail)),
  ]);
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function middle(old: readonly string[], next: readonly string[]): string[] {
  if (old.length * next.length > MAX_PAIRS)
    return [...old.map((line) => `- ${line}`), ...next.map((line) => `+ ${line}`)];
  const longest = commonLengths(old, next);
  const out: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      out.push(`  ${old[i++]}`);
      j++;
    } else if (j === next.length || (i < old.length && at(longest, i + 1, j) >= at(longest, i, j + 1))) {
      out.push(`- ${old[i++]}`);
    } else out.push(`+ ${next[j++]}`);
  }
  return out;
}

const at = (rows: readonly Uint32Array[], row: number, column: number): number => rows[row]?.[column] ?? 0;

/** By place in each: how many lines the rests have in common, in order. */
function commonLengths(old: readonly string[], next: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint32Array(next.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = rows[i] as Uint32Array;
    for (let j = next.length - 1; j >= 0; j--) {
      row[j] = old[i] === next[j] ? 1 + at(rows, i + 1, j + 1) : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
    }
  }
  return rows;
}

function aroundChanges(lines: readonly string[]): string[] {
  const isNear = lines.map((_, place) =>
    lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some((line) => !line.startsWith(' ')),
  );
  if (!isNear.includes(true)) return [];
  if (lines.length <= SHORT) return [...lines];
  return lines.flatMap((line, place) => (isNear[place] ? [line] : place === 0 || isNear[place - 1] ? ['  …'] : []));
}
