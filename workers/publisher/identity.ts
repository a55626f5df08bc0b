/**
 * What never changes about a flag, a layer or a holdout once it was published, even if it was taken away meanwhile: a flag under a
 * known name is not given a new meaning, and nobody's bucket moves by another salt. Pure.
 */
import { isSegment } from '#ruleset/write/revisions';
import { isSameSalt, type Salt, saltIn, saltInWords } from '#ruleset/write/seeds';
import { BOOLEANS } from '#schema/booleans';
import type { Entry, FlagEntry } from '#schema/entry';
import type { EntryIssue } from './refusal.ts';

export interface Identity {
  /** The one that it had when it last had one; of a flag, its seed. */
  readonly salt?: Salt;
  /** Of a flag: the type of its variations. */
  readonly type?: string;
  /** Of a flag: the ids of its variations, by name, as it was last published. */
  readonly variations?: Readonly<Record<string, string>>;
}

/** By key of a flag, `layer <name>` or `holdout <name>`; undefined of what never was. */
export type Identities = (key: string) => Identity | undefined;

interface Claimed {
  /** The flag that says so. */
  readonly flag: string;
  readonly key: string;
  readonly identity: Identity;
}

/** Where entries contradict what is known, or one another. */
export function identityIssues(entries: readonly Entry[], known: Identities): EntryIssue[] {
  const met = new Map<string, Identity>();
  return entries.flatMap(claimsOf).flatMap(({ flag, key, identity }) => {
    const before = met.get(key) ?? known(key);
    met.set(key, merged(identity, before));
    return before === undefined ? [] : differences(identity, before).map((message) => named(flag, key, message));
  });
}

/** The identities that are new or more than what is known. */
export function newIdentities(entries: readonly Entry[], known: Identities): ReadonlyMap<string, Identity> {
  const found = new Map<string, Identity>();
  for (const { key, identity } of entries.flatMap(claimsOf)) {
    const before = known(key);
    const next = merged(identity, before);
    if (JSON.stringify(next) !== JSON.stringify(before)) found.set(key, next);
  }
  return found;
}

function claimsOf(entry: Entry): Claimed[] {
  if (isSegment(entry)) return [];
  const { k: flag, h, l } = entry;
  return [
    { flag, key: flag, identity: identityOf(entry) },
    ...(h === undefined ? [] : [{ flag, key: `holdout ${h[0]}`, identity: { salt: h[1] } }]),
    ...(l === undefined ? [] : [{ flag, key: `layer ${l[0]}`, identity: { salt: l[1] } }]),
  ];
}

function identityOf(entry: FlagEntry): Identity {
  const salt = saltIn(entry);
  const variations = entry.v ?? BOOLEANS;
  return {
    ...(salt !== undefined && { salt }),
    type: typeof variations[0]?.[1],
    variations: Object.fromEntries(variations.map(([name, , id]) => [name, id])),
  };
}

const merged = (identity: Identity, before: Identity | undefined): Identity =>
  identity.salt === undefined && before?.salt !== undefined ? { salt: before.salt, ...identity } : identity;

function differences({ salt, type, variations = {} }: Identity, before: Identity): string[] {
  const messages: string[] = [];
  if (salt !== undefined && before.salt !== undefined && !isSameSalt(salt, before.salt)) {
    messages.push(`salt is immutable: it was ${saltInWords(before.salt)}`);
  }
  if (type !== before.type) messages.push(`variations were of type ${before.type}, and are of type ${type}`);
  for (const [name, id] of Object.entries(variations)) {
    const was = before.variations?.[name];
    if (was !== undefined && was !== id) messages.push(`variation ${name} is immutable: it had another value`);
  }
  return messages;
}

const named = (flag: string, key: string, message: string): EntryIssue => ({
  key: flag,
  message: key === flag ? message : `${key}: ${message}`,
});
