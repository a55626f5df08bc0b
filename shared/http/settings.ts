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
    const value = bindings[name];
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value !== undefined && typeof value !== 'string') faults.push(`${name} must be text`);
    return typeof value === 'string' && value !== '' ? value : undefined;
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
      const value = bindings[name];
      const text = value === undefined ? String(otherwise) : String(value);
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
      const table = isFields(value) && !Array.isArray(value) ? tableOf(Object.entries(value), isOne) : undefined;
      if (table === undefined) faults.push(`${name} must be a JSON object of ${form}`);
      return table ?? new Map();
    },
  });
  if (faults.length > 0) throw new SettingsError(faults.join('; '));
  return settings;
}

/** Undefined where one value is not of the form. */
function tableOf<T>(
  entries: readonly (readonly [string, unknown])[],
  isOne: (value: unknown) => value is T,
): ReadonlyMap<string, T> | undefined {
  const table = new Map<string, T>();
  for (const [name, value] of entries) {
    if (!isOne(value)) return undefined;
    table.set(name, value);
  }
  return table;
}

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** base64url without padding, so long. */
export const isBase64url = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length && /^[\w-]+$/.test(value);
