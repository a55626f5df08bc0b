/** zod's shapes as JSON Schema 2020-12, which is what OpenAPI 3.1 has; named ones refer to one another. */
import * as z from 'zod';
import { anyClause, clause } from '#schema/authored';

export type JsonSchema = { readonly [key: string]: unknown };

/** `input`: what is taken; `output`: what is given. */
export type Direction = 'input' | 'output';

const REFERENCE = '#/components/schemas/';

export const referenceTo = (name: string): JsonSchema => ({ $ref: `${REFERENCE}${name}` });

/** By name. What JSON Schema cannot say (a refinement) is left out: the answer to a request says it. */
export function jsonSchemas(shapes: ReadonlyMap<string, z.ZodType>, io: Direction): Record<string, JsonSchema> {
  const names = new Map([...shapes].map(([name, shape]) => [shape, name]));
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of shapes) registry.add(shape, { id });

  const shown = (shape: z.core.$ZodType): JsonSchema => {
    const name = names.get(shape as z.ZodType);
    return name === undefined ? withoutNames(z.toJSONSchema(shape, { io, unrepresentable: 'any' })) : referenceTo(name);
  };

  const { schemas } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => `${REFERENCE}${id}`,
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === clause) Object.assign(jsonSchema, shown(anyClause));
      const record = checkedRecord(zodSchema);
      if (record === undefined) return;
      const { keyType, valueType } = record._zod.def;
      Object.assign(jsonSchema, {
        type: 'object',
        propertyNames: shown(keyType),
        additionalProperties: shown(valueType),
      });
    },
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutNames(schema as JsonSchema)]));
}

/** Of what comes in as text, by itself. */
export const jsonSchemaOf = (shape: z.ZodType): JsonSchema =>
  withoutNames(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }));

/** A mapping whose input is looked at before it is taken as one: of the input alone, zod tells nothing. */
function checkedRecord(shape: z.core.$ZodTypes): z.core.$ZodRecord | undefined {
  const { def } = shape._zod;
  if (def.type !== 'pipe' || def.in._zod.def.type !== 'custom') return undefined;
  const out = def.out as z.core.$ZodTypes;
  return out._zod.def.type === 'record' ? (out as z.core.$ZodRecord) : undefined;
}

/** In one document each has its name by its place. */
const withoutNames = ({ $schema: _schema, $id: _id, id: _name, ...schema }: JsonSchema): JsonSchema => schema;
