import { createHash } from 'node:crypto';
import type { Place } from '../../oracle/context.ts';
import type { Hash } from '../../oracle/hash.ts';
import type { VectorEntry } from '../run.ts';

/** What a case's author says of the decision; the oracle fills in the rest, and must agree. */
export type Want = Readonly<Record<string, unknown>>;

/** A case before the oracle has decided it. */
export type DraftCase = {
  readonly name: string;
  readonly flag: string;
  readonly context: unknown;
  readonly place?: Readonly<Record<string, string>>;
  readonly want: Want;
};

/** One file to be. */
export type Topic = {
  readonly description: string;
  readonly ruleset: { readonly version: number; readonly entries: readonly VectorEntry[] };
  readonly cases: readonly DraftCase[];
};

/** What topics get to search for unit keys of wanted buckets. */
export type Tools = { readonly hash: Hash };

/** `[operator, path, values]`, with bits and kind where wanted. */
export type ClauseParts = readonly [string, unknown, readonly unknown[], number?, string?];

/** What an attribute's clause says, as `verdict` cases show it. */
export type Said = 'yes' | 'no' | 'na';

/** Collects the entries and cases of one file. */
export type Draft = {
  /** Adds an entry and gives its key. */
  readonly entry: (entry: VectorEntry) => string;
  readonly add: (name: string, flag: string, context: unknown, want?: Want, place?: Place) => void;
  /** A case whose variation is the clause's verdict: `yes`, `no`, or `na` where neither it nor its negation holds. */
  readonly verdict: (clause: ClauseParts, context: unknown, said?: Said, label?: string, place?: Place) => void;
  readonly done: () => Topic;
};

/** The version of the rulesets: the hundredth of epoch 1. */
export const VERSION = 2 ** 32 + 100;

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/** The id of a variation's value. */
export function idOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 8);
}

/** The field `v` for names and values. */
export function variations(values: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(values).map(([name, value]) => [name, value, idOf(value)]);
}

/** The field `v` for variations whose values are their names. */
export function named(...names: readonly string[]): unknown[] {
  return names.map((name) => [name, name, idOf(name)]);
}

/** A value in a case's name, short enough to read. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 72 ? text : `${text.slice(0, 40)}... (${text.length} characters)`;
}

/** The flag that tells the verdict of a clause. */
export function verdictFlag(key: string, clause: ClauseParts): VectorEntry {
  const [operator, path, values, bits = 0, kind] = clause;
  const tail = kind === undefined ? [] : [kind];
  const plain = clause.length === 3 ? [operator, path, values] : [operator, path, values, bits, ...tail];
  const negated = [operator, path, values, bits | 1, ...tail];
  const rules = [
    ['says-yes', [plain], 1],
    ['says-no', [negated], 2],
  ];
  return { k: key, r: 7, v: named('na', 'yes', 'no'), o: 0, u: rules, f: 0 };
}

function byKey(a: VectorEntry, b: VectorEntry): number {
  if (a.k === b.k) throw new Error(`two entries of key ${a.k}`);
  return a.k < b.k ? -1 : 1;
}

/** Starts a file. */
export function createDraft(description: string): Draft {
  const entries: VectorEntry[] = [];
  const cases: DraftCase[] = [];
  const names = new Map<string, number>();
  const clauses = new Map<string, string>();
  const unique = (name: string) => {
    const uses = (names.get(name) ?? 0) + 1;
    names.set(name, uses);
    return uses === 1 ? name : `${name} (${uses})`;
  };
  const entry: Draft['entry'] = (added) => {
    entries.push(added);
    return added.k;
  };
  const add: Draft['add'] = (name, flag, context, want = {}, place = undefined) => {
    cases.push({ name: unique(name), flag, context, ...(place === undefined ? {} : { place }), want });
  };
  const verdict: Draft['verdict'] = (clause, context, said, label, place) => {
    const text = JSON.stringify(clause);
    const key = clauses.get(text) ?? entry(verdictFlag(`clause.${clauses.size}`, clause));
    clauses.set(text, key);
    const shown = label ?? show(context);
    const name = `${clause[0]} ${show(clause.slice(1))}: ${shown}${said === undefined ? '' : ` is ${said}`}`;
    add(name, key, context, said === undefined ? {} : { variation: said }, place);
  };
  const done = () => ({ description, ruleset: { version: VERSION, entries: entries.sort(byKey) }, cases });
  return { entry, add, verdict, done };
}

/** Finds, for each wanted bucket under a salt, the first `user-N` that lands in it. */
export function findKeys(hash: Hash, salt: string, buckets: readonly number[]): ReadonlyMap<number, string> {
  const wanted = new Set(buckets);
  const found = new Map<number, string>();
  for (let index = 0; found.size < wanted.size; index++) {
    const key = `user-${index}`;
    const bucket = hash.bucket(key, salt);
    if (wanted.has(bucket) && !found.has(bucket)) found.set(bucket, key);
  }
  return found;
}

/** Characters next to the ranges that parsers accept, and some that only look like digits. */
export const NEIGHBOURS = [...' !#%*+,-./0129:;@AFGTZ[^_`afgtz{|~', '\u0000', '\n', '\u0660', '\uff11', 'é'];

/** The text with each of its characters replaced in turn by each of the others, and left out, and doubled. */
export function misspellings(text: string, characters: readonly string[] = NEIGHBOURS): string[] {
  const results = new Set<string>();
  for (let at = 0; at <= text.length; at++) {
    const before = text.slice(0, at);
    for (const character of characters) results.add(before + character + text.slice(at + 1));
    results.add(before + text.slice(at + 1));
    results.add(text.slice(0, at + 1) + text.slice(at));
  }
  return [...results];
}
