/** What a draft does to each flag whose decisions may differ. */
import { canonicalJson } from '#ruleset/canonical-json';
import { type ChangeClass, classify, contentDigests } from '#ruleset/write/classify';
import { digestOfText } from '#ruleset/write/digest';
import type { Entry } from '#schema/entry';
import { closureOf } from './check-payload.ts';
import type { PayloadDraft } from './draft-payload.ts';
import { withUsers } from './neighbourhood.ts';
import { get } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

export interface FlagEffects {
  /** The kind of change of each. */
  readonly flags: Readonly<Record<string, ChangeClass>>;
  /** Of what they then serve by, with all that they use. */
  readonly content: string;
}

export function flagEffects({ payload, served }: EnvironmentState, { changes }: PayloadDraft): FlagEffects {
  if (changes.length === 0) return { flags: {}, content: digestOfText('[]') };
  const changed = new Map(changes.map(({ key, entry }) => [key, entry]));
  const keys = withUsers(changed.keys(), payload);
  const entryBefore = (key: string): Entry | undefined => get(payload.entries, key);
  const entryAfter = (key: string): Entry | undefined =>
    changed.has(key) ? (changed.get(key) ?? undefined) : entryBefore(key);
  const after = closureOf(keys, entryAfter);
  const classes = classify(closureOf(keys, entryBefore), after, (flag, content, replaced) =>
    isEarlier(get(served, flag) ?? [], content, replaced),
  );
  // What is merely used, before or after, is in one of the two sets alone.
  const affected = [...classes].filter(([flag]) => keys.has(flag)).sort(([a], [b]) => (a < b ? -1 : 1));
  const contents = contentDigests(after);
  return {
    flags: Object.fromEntries(affected),
    content: digestOfText(canonicalJson(affected.map(([flag]) => [flag, contents.get(flag) ?? null]))),
  };
}

/** Whether a content served before that which it replaces; one that was gone back from is none of them any more. */
function isEarlier(served: readonly string[], content: string, replaced: string | undefined): boolean {
  const at = served.indexOf(content);
  const present = replaced === undefined ? -1 : served.indexOf(replaced);
  return at !== -1 && (present === -1 || at < present);
}
