/** An authored set as files, a namespace each, as people keep them in a repository: read again they are the same set. */
import { Document } from 'yaml';
import type { Authored } from '#schema/authored';

/** What is of no namespace alone. */
const SHARED = 'shared.yaml';

export function writtenFiles({ flags, ...shared }: Authored): Record<string, string> {
  const files = new Map<string, Partial<Authored>>();
  const filled = Object.entries(shared).filter(([, section]) => Object.keys(section).length > 0);
  if (filled.length > 0) files.set(SHARED, Object.fromEntries(filled));
  for (const [key, flag] of Object.entries(flags)) {
    const name = `${key.split('.', 1)[0]}.yaml`;
    const file = files.get(name) ?? {};
    files.set(name, { ...file, flags: { ...file.flags, [key]: flag } });
  }
  return Object.fromEntries(
    [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, file]) => [name, yamlOf(file)]),
  );
}

const yamlOf = (value: unknown): string =>
  new Document(value, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
