/** Reads a Worker's settings from its bindings, once an isolate. Faults are named all at once, and none is guessed around. */

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Bindings as they come: text, or nothing. Others (stores, services) are passed over. */
export type Bindings = Readonly<Record<string, unknown>>;

export interface SettingsReader {
  /** A text that must be there. */
  text(name: string): string;
  optional(name: string): string | undefined;
  /** A whole number of milliseconds. */
  milliseconds(name: string, otherwise: number): number;
  /** A JSON list; empty where nothing is set. */
  list<T>(name: string, isOne: (value: unknown) => value is T, form: string): readonly T[];
  /** A JSON object by name; empty where nothing is set. */
  table<T>(name: string, isOne: (value: unknown) => value is T, form: string): ReadonlyMap<string, T>;
  /** For what none of these can tell. */
  fault(message: string): void;
}

/** Throws a `SettingsError` that names every fault which `read` met. */
export function readSettings<T>(bindings: Bindings, read: (settings: SettingsReader) => T): T {
  const faults: string[] = [];
  const optional = (name: string): string | undefined => {
    const value = bindings[name] ?? '';
    if (isFields(value)) faults.push(`${name} must be text`);
    return isFields(value) || value === '' ? undefined : String(value);
  };
  const json = (name: string, otherwise: string): unknown => {
    // Bindings may be JSON (wrangler.toml: `vars`), or text that holds it (secrets).
    if (isFields(bindings[name])) return bindings[name];
    try {
      return JSON.parse(optional(name) ?? otherwise);
    } catch {
      return undefined;
    }
  };
  const settings = read({
    optional,
    fault: (message) => void faults.push(message),
    text(name) {
      const text = optional(name);
      if (text === undefined) faults.push(`${name} must be set`);
      return text ?? '';
    },
    milliseconds(name, otherwise) {
      const text = String(bindings[name] ?? otherwise);
      if (!/^\d{1,9}$/.test(text)) faults.push(`${name} must be a whole number of milliseconds`);
      return Number(text);
    },
    list(name, isOne, form) {
      const value = json(name, '[]');
      if (Array.isArray(value) && value.every(isOne)) return value;
      faults.push(`${name} must be a JSON list of ${form}`);
      return [];
    },
    table(name, isOne, form) {
      const value = json(name, '{}');
      const entries = isFields(value) && !Array.isArray(value) ? Object.entries(value) : undefined;
      if (entries?.every((entry): entry is [string, T] => isOne(entry[1]))) return new Map(entries);
      faults.push(`${name} must be a JSON object of ${form}`);
      return new Map();
    },
  });
  if (faults.length > 0) throw new SettingsError(faults.join('; '));
  return settings;
}

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** base64url without padding, so long. */
export const isBase64url = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length && /^[\w-]+$/.test(value);
