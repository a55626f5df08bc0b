/** What an instance keeps between events, at module scope: best effort, as the platform has it. */

const kept = new Map<string, unknown>();

/** The thing of that name; made where there is none. The names are the caller's own, so they are few. */
export function keep<T extends object>(name: string, make: () => T): T {
  const found = kept.get(name) as T | undefined;
  if (found !== undefined) return found;
  const made = make();
  kept.set(name, made);
  return made;
}
