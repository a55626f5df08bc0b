/** The context of an evaluation: who asks, with what attributes, and where the question is answered. */
import { MAX_UNIT_KEY } from './limits.ts';
import { xxh32 } from './xxh32.ts';

/** Where the evaluator stands. It alone fills these in, so a caller cannot spoof them. */
export interface Place {
  readonly region?: string;
  readonly cloud?: string;
  readonly pop?: string;
}

/** Made by `createContext`; holds the unit hashes, so that a further flag costs one integer hash. */
export interface Context {
  /** OpenFeature's context as it came: `targetingKey` and attributes, anything may be in them; undefined where it is no object. */
  readonly attributes: Attributes | undefined;
  readonly place: Place;
  /** XXH32 of the user's key; null where there is none, undefined until somebody asks. */
  userHash: number | null | undefined;
  /** The same of the other kinds' units. */
  otherHashes: Map<string, number | null> | undefined;
}

export type Attributes = Readonly<Record<string, unknown>>;

const NOWHERE: Place = Object.freeze({});

/** Wraps a context for any number of evaluations. Reads nothing of it yet. */
export const createContext = (attributes: unknown, place: Place = NOWHERE): Context => ({
  attributes: isObject(attributes) ? attributes : undefined,
  place,
  userHash: undefined,
  otherHashes: undefined,
});

/** XXH32 of the key of a kind's unit (undefined: user), made once a context; null where there is none. */
export function unitHash(context: Context, kind: string | undefined): number | null {
  if (kind === undefined) {
    if (context.userHash === undefined) context.userHash = hashKey(context, kind);
    return context.userHash;
  }
  context.otherHashes ??= new Map();
  let hash = context.otherHashes.get(kind);
  if (hash === undefined) {
    hash = hashKey(context, kind);
    context.otherHashes.set(kind, hash);
  }
  return hash;
}

function hashKey(context: Context, kind: string | undefined): number | null {
  const key = unitKey(context, kind);
  return key === undefined ? null : xxh32(key, 0);
}

/** The key of the unit of a kind (undefined: user): a string of 1 to 2,048 units or a safe integer; else undefined. */
export function unitKey(context: Context, kind: string | undefined): string | undefined {
  const { attributes } = context;
  const root = kind === undefined ? attributes : ownOf(attributes, kind);
  const key = isObject(root) ? own(root, 'targetingKey') : root;
  if (typeof key === 'string') return key.length > 0 && key.length <= MAX_UNIT_KEY ? key : undefined;
  return Number.isSafeInteger(key) ? String(key) : undefined;
}

/**
 * The value at a path (one name, or several) of own properties, as `plain` gives it. But a text, number or boolean under one name may
 * be inherited: to tell that takes longer than to read it, so only those ask `isOwn` who would act on it.
 */
export const attributeAt = (root: Attributes | undefined, path: string | readonly string[]): unknown =>
  typeof path === 'string' ? attributeNamed(root, path) : plain(path.reduce(ownOf, root));

function attributeNamed(root: Attributes | undefined, name: string): unknown {
  try {
    const value = root?.[name];
    if (isScalar(value)) return value;
  } catch {
    // It is read again: what an inherited getter throws does not count.
  }
  return plain(own(root, name));
}

/** Whether what `attributeAt` found at a path is the root's own. */
export const isOwn = (root: Attributes, path: string | readonly string[]): boolean =>
  typeof path !== 'string' || Object.hasOwn(root, path);

/** What JSON would carry of a value: undefined for null, NaN, infinities, functions and such; a Date's text. */
export function plain(value: unknown): unknown {
  if (isScalar(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  // An invalid date is null to JSON.
  return isDate(value) ? (value.toJSON() ?? undefined) : value;
}

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/** A revoked proxy throws at `Array.isArray`: it is no object that could be read. */
export function isObject(value: unknown): value is Attributes {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** An object's own property. */
const own = (object: Attributes | undefined, name: string): unknown =>
  object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;

const ownOf = (value: unknown, name: string): unknown => (isObject(value) ? own(value, name) : undefined);

/** By tag, not by `instanceof`: a Date may come from another realm. */
const isDate = (value: object): value is { toJSON(): string | null } =>
  Object.prototype.toString.call(value) === '[object Date]';
