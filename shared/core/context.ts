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
  /** Whether `userHash` is made yet, and whether there is a user at all. */
  userState: UnitState;
  userHash: number;
  /** Hashes of the other kinds' units; null for a kind that has none. */
  otherHashes: Map<string, number | null> | undefined;
}

type Attributes = Readonly<Record<string, unknown>>;

type UnitState = 0 | 1 | 2;
export const UNIT_UNKNOWN = 0;
export const UNIT_PRESENT = 1;
export const UNIT_MISSING = 2;

const NOWHERE: Place = Object.freeze({});

/** Wraps a context for any number of evaluations. Reads nothing of it yet. */
export const createContext = (attributes: unknown, place: Place = NOWHERE): Context => ({
  attributes: isObject(attributes) ? attributes : undefined,
  place,
  userState: UNIT_UNKNOWN,
  userHash: 0,
  otherHashes: undefined,
});

/** Whether there is a user; the XXH32 of the key is in `context.userHash` from then on. */
export function hashUser(context: Context): boolean {
  if (context.userState === UNIT_UNKNOWN) {
    const key = unitKey(context, undefined);
    context.userHash = key === undefined ? 0 : xxh32(key, 0);
    context.userState = key === undefined ? UNIT_MISSING : UNIT_PRESENT;
  }
  return context.userState === UNIT_PRESENT;
}

/** XXH32 of the key of another kind's unit, or null where there is none. */
export function hashOther(context: Context, kind: string): number | null {
  context.otherHashes ??= new Map();
  const hashes = context.otherHashes;
  let hash = hashes.get(kind);
  if (hash === undefined) {
    const key = unitKey(context, kind);
    hash = key === undefined ? null : xxh32(key, 0);
    hashes.set(kind, hash);
  }
  return hash;
}

/** The key of the unit of a kind (undefined: user): a string of 1 to 2,048 units or a safe integer; else undefined. */
export function unitKey(context: Context, kind: string | undefined): string | undefined {
  const root = kindRoot(context.attributes, kind);
  const key = isObject(root) ? ownProperty(root, 'targetingKey') : root;
  if (typeof key === 'string') return key.length > 0 && key.length <= MAX_UNIT_KEY ? key : undefined;
  return typeof key === 'number' && Number.isSafeInteger(key) ? String(key) : undefined;
}

/** The value at a path (one name, or several) of own properties, as `plain` gives it. */
export function attributeAt(context: Context, kind: string | undefined, path: string | readonly string[]): unknown {
  const { attributes } = context;
  if (kind === undefined && typeof path === 'string') {
    return attributes !== undefined && Object.hasOwn(attributes, path) ? plain(attributes[path]) : undefined;
  }
  let value: unknown = kindRoot(attributes, kind);
  if (typeof path === 'string') return plain(ownProperty(value, path));
  for (let index = 0; index < path.length; index++) value = ownProperty(value, path[index] as string);
  return plain(value);
}

/** What JSON would carry of a value: undefined for null, NaN, infinities, functions and such; a Date's text. */
export function plain(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    // An invalid date is null to JSON.
    return isDate(value) ? (value.toJSON() ?? undefined) : value;
  }
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) ? value : undefined;
}

/** The user's key and attributes lie at the top level, another kind's under its name (which may hold the bare key). */
const kindRoot = (attributes: Attributes | undefined, kind: string | undefined): unknown =>
  kind === undefined ? attributes : ownProperty(attributes, kind);

/** A revoked proxy throws at `Array.isArray`: it is no object that could be read. */
function isObject(value: unknown): value is Attributes {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const ownProperty = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** By tag, not by `instanceof`: a Date may come from another realm. */
const isDate = (value: object): value is { toJSON(): string | null } =>
  Object.prototype.toString.call(value) === '[object Date]';
