/** Thrown where reading a context fails, for instance in a getter. */
export class ContextFailure extends Error {}

/** What the evaluator knows of where it runs. */
export type Place = { readonly region?: string; readonly cloud?: string; readonly pop?: string };

/** Section 3 of docs/evaluation.md: the two things that an evaluation reads of a context. */
export type ContextReader = {
  readonly unitKey: (kind: string) => string | undefined;
  readonly attribute: (path: readonly string[], kind: string) => unknown;
  readonly elements: (attribute: readonly unknown[]) => readonly unknown[];
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function ownProperty(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function dateText(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The value as the clauses see it; undefined where it counts as missing. */
function present(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return dateText(value);
  return typeof value === 'object' ? value : undefined;
}

function asUnitKey(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  return value.length >= 1 && value.length <= 2_048 ? value : undefined;
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new ContextFailure();
  }
}

function rootOf(context: unknown, kind: string): unknown {
  if (kind !== 'user') return ownProperty(context, kind);
  return isObject(context) ? context : {};
}

function readUnitKey(context: unknown, kind: string): string | undefined {
  const root = rootOf(context, kind);
  return asUnitKey(isObject(root) ? ownProperty(root, 'targetingKey') : root);
}

function readAttribute(context: unknown, path: readonly string[], kind: string): unknown {
  let value = rootOf(context, kind);
  for (const name of path) value = ownProperty(value, name);
  return present(value);
}

function readElements(attribute: readonly unknown[]): readonly unknown[] {
  const elements: unknown[] = [];
  for (let index = 0; index < attribute.length && index < 1_000; index++) {
    const element = present(attribute[index]);
    if (element !== undefined) elements.push(element);
  }
  return elements;
}

/** A reader of one context, whatever it is. */
export function readContext(context: unknown): ContextReader {
  return {
    unitKey: (kind) => reading(() => readUnitKey(context, kind)),
    attribute: (path, kind) => reading(() => readAttribute(context, path, kind)),
    elements: (attribute) => reading(() => readElements(attribute)),
  };
}
