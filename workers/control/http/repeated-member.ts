/** A name that stands twice in one object: readers of JSON differ in which of the two they take, and so may those who approve. */

/** Of text that is JSON: where, as `body.flags.a`; undefined where there is none. */
export function repeatedMember(json: string): string | undefined {
  const open: Level[] = [];
  // Strings, and what opens and closes; numbers, words and spaces between them say nothing.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    const level = open.at(-1);
    if (token === '{') open.push({ names: new Set(), name: '', isName: true });
    else if (token === '[') open.push({ names: undefined, name: '[]', isName: false });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (level?.names !== undefined) level.isName = true;
    } else if (token !== ':' && level?.names !== undefined && level.isName) {
      level.name = JSON.parse(token) as string;
      level.isName = false;
      if (level.names.size === level.names.add(level.name).size) return pathOf(open);
    }
  }
  return undefined;
}

interface Level {
  /** Undefined of a list. */
  readonly names: Set<string> | undefined;
  name: string;
  /** Whether a string that comes next is a name. */
  isName: boolean;
}

const MAX_PATH = 500;

const pathOf = (open: readonly Level[]): string =>
  open
    .reduce((path, { name, names }) => (names === undefined ? `${path}${name}` : `${path}.${name}`), 'body')
    .slice(0, MAX_PATH);
