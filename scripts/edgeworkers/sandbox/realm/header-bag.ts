/** Headers in the order in which they came. */
import { checkChangeable, checkValues } from './header-rules.ts';

export type Lines = readonly (readonly [string, string])[];

export interface HeaderBag {
  get(name: string): string[] | undefined;
  all(): Record<string, string[]>;
  set(name: string, value: unknown): void;
  add(name: string, value: unknown): void;
  remove(name: string): void;
  lines(): Lines;
}

export function createHeaderBag(initial: Lines): HeaderBag {
  let lines = initial;
  const isNamed = (name: string) => {
    const wanted = String(name).toLowerCase();
    return ([one]: readonly [string, string]) => one.toLowerCase() === wanted;
  };
  return {
    get(name) {
      const found = lines.filter(isNamed(name)).map(([, value]) => value);
      return found.length === 0 ? undefined : found;
    },
    all() {
      const all: Record<string, string[]> = {};
      for (const [name, value] of lines) {
        const key = name.toLowerCase();
        all[key] = [...(all[key] ?? []), value];
      }
      return all;
    },
    set(name, value) {
      const added = checkValues(value).map((one): [string, string] => [checkChangeable(name), one]);
      const is = isNamed(name);
      lines = [...lines.filter((line) => !is(line)), ...added];
    },
    add(name, value) {
      lines = [...lines, ...checkValues(value).map((one): [string, string] => [checkChangeable(name), one])];
    },
    remove(name) {
      const is = isNamed(checkChangeable(name));
      lines = lines.filter((line) => !is(line));
    },
    lines: () => lines,
  };
}
