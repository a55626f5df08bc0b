/** Thrown by the checks below where an entry breaks section 2 or 6 of docs/evaluation.md. */
export class Refusal extends Error {}

/** A JSON object, as opposed to a list, null or a scalar. */
export type Fields = Readonly<Record<string, unknown>>;

const UNSAFE = [
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'prototype',
  'toLocaleString',
  'toString',
  'valueOf',
];

const FLAG_KEY = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const KIND = /^[a-z][A-Za-z0-9]*$/;

/** Refuses the entry being read. */
export function refuse(why: string): never {
  throw new Refusal(why);
}

/** Whether a parsed JSON value is an object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the entry has the field at all; null is a value, and the wrong one. */
export function has(fields: Fields, field: string): boolean {
  return Object.hasOwn(fields, field);
}

/** A text of the given length in UTF-16 code units. */
export function text(value: unknown, min: number, max: number): string {
  if (typeof value !== 'string') return refuse('not a text');
  if (value.length < min || value.length > max) return refuse('text too short or too long');
  return value;
}

/** An integer within bounds, both included. */
export function integer(value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return refuse('not an integer');
  if (value < min || value > max) return refuse('integer out of bounds');
  return value;
}

/** A list with a number of elements within bounds, both included. */
export function list(value: unknown, min: number, max: number): readonly unknown[] {
  if (!Array.isArray(value)) return refuse('not a list');
  if (value.length < min || value.length > max) return refuse('too few or too many elements');
  return value;
}

/** A flag key: no dot-separated part of it is an unsafe name. */
export function flagKey(value: unknown): string {
  const key = text(value, 1, 128);
  if (!FLAG_KEY.test(key)) return refuse('not a flag key');
  if (key.split('.').some((part) => UNSAFE.includes(part))) return refuse('unsafe part in a flag key');
  return key;
}

/** The name of a variation, rule, holdout, layer or segment. */
export function name(value: unknown): string {
  const found = text(value, 1, 64);
  if (!NAME.test(found)) return refuse('not a name');
  if (UNSAFE.includes(found)) return refuse('unsafe name');
  return found;
}

/** A written kind, which is never `user`. */
export function kind(value: unknown): string {
  const found = text(value, 1, 32);
  if (!KIND.test(found)) return refuse('not a kind');
  if (UNSAFE.includes(found) || found === 'user') return refuse('reserved kind');
  return found;
}

/** The kind at a place of a tuple, where one is written there, else `user`. */
export function kindAt(tuple: readonly unknown[], index: number): string {
  return tuple.length > index ? kind(tuple[index]) : 'user';
}

/** A salt. */
export function salt(value: unknown): string {
  return text(value, 1, 64);
}

/** One step of an attribute's path. */
export function attributeName(value: unknown): string {
  const found = text(value, 1, 128);
  if (UNSAFE.includes(found)) return refuse('unsafe attribute name');
  return found;
}

/** A list of unit keys as targets and segments write them. */
export function unitKeys(value: unknown, max: number): ReadonlySet<string> {
  return new Set(list(value, 1, max).map((key) => text(key, 1, 256)));
}
