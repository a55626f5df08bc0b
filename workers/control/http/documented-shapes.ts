/** The shapes that the document of the API refers to, and their names in it. */
import type * as z from 'zod';
import { type JsonSchema, jsonSchemas, referenceTo } from './json-schemas.ts';
import { NAMED_SHAPES } from './named-shapes.ts';
import type { Route } from './route.ts';

export interface DocumentedShapes {
  /** For `components.schemas`; those alone that something refers to. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** The reference to what a request brings. */
  taken(shape: z.ZodType): JsonSchema;
  /** To what an answer brings: with defaults filled in. */
  given(shape: z.ZodType): JsonSchema;
}

export function documentedShapes(routes: readonly Route[]): DocumentedShapes {
  const taken = new Map<z.ZodType, string>();
  const given = new Map<z.ZodType, string>();
  for (const [name, shape] of Object.entries(NAMED_SHAPES)) {
    taken.set(shape, `${name}Input`);
    given.set(shape, name);
  }
  for (const { id, body, answers } of routes) {
    if (body !== undefined && !taken.has(body.schema)) taken.set(body.schema, `${capital(id)}Request`);
    // Routes share answers: the first that has one gives it the name.
    for (const [status, { schema }] of Object.entries(answers))
      if (schema !== undefined && !given.has(schema)) given.set(schema, `${capital(id)}Answer${status}`);
  }
  const referenceIn = (names: ReadonlyMap<z.ZodType, string>, shape: z.ZodType): JsonSchema =>
    referenceTo(names.get(shape) as string);
  const schemas = { ...jsonSchemas(byName(taken), 'input'), ...jsonSchemas(byName(given), 'output') };
  const roots = routes.flatMap(({ body, answers }) => [
    ...(body === undefined ? [] : [taken.get(body.schema)]),
    ...Object.values(answers).map(({ schema }) => schema && given.get(schema)),
  ]);
  return {
    schemas: reachable(schemas, roots),
    taken: (shape) => referenceIn(taken, shape),
    given: (shape) => referenceIn(given, shape),
  };
}

const capital = (id: string): string => id.slice(0, 1).toUpperCase() + id.slice(1);

const byName = (names: ReadonlyMap<z.ZodType, string>): Map<string, z.ZodType> =>
  new Map([...names].map(([shape, name]) => [name, shape]));

const REFERRED = /"#\/components\/schemas\/([^"]+)"/g;

function reachable(
  schemas: Readonly<Record<string, JsonSchema>>,
  roots: readonly (string | undefined)[],
): Record<string, JsonSchema> {
  const names = new Set(roots.filter((name) => name !== undefined));
  // A set is gone through with what is added to it meanwhile.
  for (const name of names)
    for (const [, referred = ''] of JSON.stringify(schemas[name] ?? {}).matchAll(REFERRED)) names.add(referred);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)));
}
