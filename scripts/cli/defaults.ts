/** `lockstep defaults`: what evaluators serve before they have any ruleset, for the binding `OFFLINE_DEFAULTS`. */
import type { OfflineDefault } from '#ruleset/offline';
import { isSegment } from '#ruleset/write/revisions';
import { BOOLEANS, type Entry, type FlagEntry } from '#schema/entry';
import { mustCompileFlags } from './flags-folder.ts';

export async function defaults(path: string, { json }: { readonly json: boolean }): Promise<number> {
  console.log(JSON.stringify(await offlineDefaults(path), null, json ? 0 : 2));
  return 0;
}

/** By flag; those that serve nothing where they are off have none. */
export async function offlineDefaults(path: string): Promise<Readonly<Record<string, OfflineDefault>>> {
  const { entries } = await mustCompileFlags(path, [], 1);
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const one = defaultOf(entry);
      return one === undefined ? [] : [[entry.k, one]];
    }),
  );
}

/** The declared one or, as in a ruleset, the off variation. */
function defaultOf(entry: Entry): OfflineDefault | undefined {
  if (isSegment(entry)) return undefined;
  const { v = BOOLEANS, d, o, n } = entry as FlagEntry;
  const found = v[d ?? o ?? -1];
  if (found === undefined) return undefined;
  const [variation, value] = found;
  return { variation, value: value as OfflineDefault['value'], visibility: n === 1 ? 'client' : 'server' };
}
