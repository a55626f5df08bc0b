/** What differs between the lines of two rulesets, by key. */
import { changedPart } from './changed-part.ts';
import { indexLines, keyAt } from './lines.ts';

/** Of entries that were added, changed or removed, in order. */
export function changedKeys(before: string, after: string): string[] {
  const part = changedPart(before, after);
  return keysBetween(before.slice(part.from, part.before), after.slice(part.from, part.after));
}

function keysBetween(before: string, after: string): string[] {
  const [from, to] = [indexLines(before), indexLines(after)];
  const changed: string[] = [];
  let [at, next] = [0, 0];
  while (at < from.length - 1 || next < to.length - 1) {
    const was = keyAt(before, from[at] as number);
    const is = keyAt(after, to[next] as number);
    if (was !== undefined && (is === undefined || was < is)) {
      changed.push(was);
      at++;
    } else if (is !== undefined && (was === undefined || is < was)) {
      changed.push(is);
      next++;
    } else {
      const line = after.slice(to[next], to[next + 1]);
      if (line.length !== (from[at + 1] as number) - (from[at] as number) || !before.startsWith(line, from[at]))
        changed.push(is as string);
      at++;
      next++;
    }
  }
  return changed;
}
