/** The checks that the decoder is made of: each returns the value under its type, or throws `Refusal`. */
import { isSafePart, KEY_PATTERN, KIND_PATTERN, MAX_KEY, MAX_KIND, MAX_NAME, NAME_PATTERN } from '#schema/limits';

/** Thrown inside the decoder alone; its border turns it into a value. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** `found` may be anything: only the beginning of a text is shown, and nothing of an object. */
export function refuse(what: string, found: unknown): never {
  const isObject = typeof found === 'object' && found !== null;
  const shown = typeof found === 'string' ? JSON.stringify(found.slice(0, 60)) : isObject ? 'an object' : found;
  throw new Refusal(`${what} is ${String(shown)}`);
}

export function integer(value: unknown, what: string, min: number, max: number): number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : refuse(what, value);
}

export function text(value: unknown, what: string, max: number, pattern?: RegExp): string {
  return typeof value === 'string' &&
    value.length > 0 &&
    value.length <= max &&
    (pattern === undefined || (pattern.test(value) && isSafePart(value)))
    ? value
    : refuse(what, value);
}

export const name = (value: unknown, what: string): string => text(value, what, MAX_NAME, NAME_PATTERN);

export function flagKey(value: unknown, what: string): string {
  const key = text(value, what, MAX_KEY, KEY_PATTERN);
  return !key.includes('.') || key.split('.').every(isSafePart) ? key : refuse(what, key);
}

/** Undefined, which stands for `user`, where there is none. */
export const kind = (value: unknown): string | undefined =>
  value === undefined ? undefined : text(value, 'kind', MAX_KIND, KIND_PATTERN);

export function list(value: unknown, what: string, min: number, max: number): readonly unknown[] {
  return Array.isArray(value) && value.length >= min && value.length <= max ? value : refuse(what, value);
}

/** The list of an optional field: empty where the field is left out, never empty where it is there. */
export const optionalList = (value: unknown, what: string, max: number): readonly unknown[] =>
  value === undefined ? [] : list(value, what, 1, max);

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : refuse('entry', value);

/** The object that a text is as JSON. */
export function parsedFields(text: string | undefined, what: string): Fields {
  try {
    return fieldsOf(JSON.parse(text ?? ''));
  } catch {
    return refuse(what, text);
  }
}

/** A field that is left out or holds the one value that it may. */
export function mark(value: unknown, what: string, only: number): boolean {
  return value === undefined ? false : value === only || refuse(what, value);
}

/** Checks a variation's value and freezes it to the bottom, so that everyone may share it. */
export function checkJson(value: unknown, depth: number): void {
  if (typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object' || value === null) return;
  if (depth === 0 || typeof value !== 'object' || Object.hasOwn(value as object, '__proto__')) refuse('value', value);
  for (const item of Object.values(value as object)) checkJson(item, depth - 1);
  Object.freeze(value);
}
