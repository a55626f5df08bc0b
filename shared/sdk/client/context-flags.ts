/** The flags for one context, as code asks for them. Made for each request: nothing of one is seen by another. */
import { type Context, createContext, type Place } from '#core/context';
import type { Decision, JsonValue } from '#core/decision';
import { evaluate, evaluateAll } from '#core/evaluate';
import type { Ruleset } from '#core/flag';
import { type Details, type Found, foundOf, mistyped, NOTHING_KNOWN } from './details.ts';
import type { FlagShapes, JsonObject, KeyOf, ValueOf } from './flag-types.ts';

/** None of these throws, waits or asks anybody, whatever the context holds. `otherwise` is the value where the flag gives none. */
export interface ContextFlags<Flags = FlagShapes> {
  boolean<Key extends KeyOf<Flags, boolean>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, boolean>,
  ): ValueOf<Flags, Key, boolean>;
  string<Key extends KeyOf<Flags, string>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, string>,
  ): ValueOf<Flags, Key, string>;
  number<Key extends KeyOf<Flags, number>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, number>,
  ): ValueOf<Flags, Key, number>;
  object<Key extends KeyOf<Flags, JsonObject>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, JsonObject>,
  ): ValueOf<Flags, Key, JsonObject>;
  /** The same with the variation, and why it is that one. */
  booleanDetails<Key extends KeyOf<Flags, boolean>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, boolean>,
  ): Details<ValueOf<Flags, Key, boolean>>;
  stringDetails<Key extends KeyOf<Flags, string>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, string>,
  ): Details<ValueOf<Flags, Key, string>>;
  numberDetails<Key extends KeyOf<Flags, number>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, number>,
  ): Details<ValueOf<Flags, Key, number>>;
  objectDetails<Key extends KeyOf<Flags, JsonObject>>(
    key: Key,
    otherwise: ValueOf<Flags, Key, JsonObject>,
  ): Details<ValueOf<Flags, Key, JsonObject>>;
  /** All flags. Counts as no exposure: which of them anybody sees, the code knows. */
  all(): Readonly<Record<string, Details<JsonValue | undefined>>>;
}

export interface FlagsSource {
  /** What is evaluated with, now. */
  inForce(): InForce;
  /** A decision was made by itself, and what was asked for served. */
  served(key: string, decision: Decision, context: Context): void;
  /** So many decisions were made. */
  decided(version: number, decisions: number): void;
}

export interface InForce {
  readonly ruleset: Ruleset;
  readonly stale: boolean;
  /** No ruleset was ever received: a flag without an offline default is not unknown. */
  readonly offline: boolean;
}

type Is = (value: JsonValue) => boolean;

const IS = {
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  object: (value) => typeof value === 'object' && value !== null,
} satisfies Record<string, Is>;

export function createContextFlags<Flags>(source: FlagsSource, attributes: unknown, place: Place): ContextFlags<Flags> {
  const context = createContext(attributes, place);

  function find(key: string, is: Is): Found {
    const { ruleset, stale, offline } = source.inForce();
    const decision = evaluate(ruleset, key, context);
    source.decided(ruleset.version, 1);
    if (offline && decision.errorCode === 'FLAG_NOT_FOUND') return NOTHING_KNOWN;
    const found = foundOf(decision, stale);
    if (found.value !== undefined && !is(found.value)) return mistyped(found);
    source.served(key, decision, context);
    return found;
  }

  const value =
    (is: Is) =>
    (key: string, otherwise: unknown): never =>
      (find(key, is).value ?? otherwise) as never;

  const details =
    (is: Is) =>
    (key: string, otherwise: unknown): never => {
      const found = find(key, is);
      return { ...found, key, value: found.value ?? otherwise } as never;
    };

  return {
    boolean: value(IS.boolean),
    string: value(IS.string),
    number: value(IS.number),
    object: value(IS.object),
    booleanDetails: details(IS.boolean),
    stringDetails: details(IS.string),
    numberDetails: details(IS.number),
    objectDetails: details(IS.object),
    all() {
      const { ruleset, stale } = source.inForce();
      const keys = ruleset.flagKeys();
      const decisions = evaluateAll(ruleset, context);
      source.decided(ruleset.version, keys.length);
      return Object.fromEntries(keys.map((key, at) => [key, { key, ...foundOf(decisions[at] as Decision, stale) }]));
    },
  };
}
