/** The OpenAPI 3.1 document of the API, made from its routes: nothing in it is said twice. */
import { type DocumentedShapes, documentedShapes } from './documented-shapes.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schemas.ts';
import { PROBLEM, problemAnswers, problemResponses } from './problem-answers.ts';
import { type AnswerShape, type Precondition, type Route, TAGS } from './route.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: JsonSchema;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: JsonSchema;
    readonly securitySchemes: JsonSchema;
  };
  readonly [more: string]: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: JsonSchema;
  readonly responses: Readonly<Record<string, JsonSchema>>;
  readonly 'x-lockstep-access': Route['access'];
  readonly security?: readonly JsonSchema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const shapes = documentedShapes(routes);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, shapes) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Lockstep control plane',
      version: '1.0.0',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document comes from.' }],
    tags: TAGS.filter(({ name }) => routes.some(({ tag }) => tag === name)),
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { ...shapes.schemas, Problem: PROBLEM },
      responses: problemResponses(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '`ls_<organisation>.<name>.<secret>`' },
      },
    },
  };
}

const DESCRIPTION = `Flags, segments, layers and holdouts; who may change them, and who did.

Every change goes through one function and one log. What a policy asks another person for becomes a change request; what needs nobody is applied at once. \`?dryRun=1\` shows what a change would do, and \`Idempotency-Key\` makes a write safe to repeat.`;

function operationOf(route: Route, shapes: DocumentedShapes): Operation {
  const { id, summary, description, tag, access, body } = route;
  return {
    operationId: id,
    ...{ summary, description, tags: [tag] },
    ...(access.action === 'public' && { security: [] }),
    'x-lockstep-access': access,
    parameters: [...parametersOf(route, 'path'), ...parametersOf(route, 'query'), ...headersOf(route)],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          [body.media ?? 'application/json']: { schema: shapes.taken(body.schema), example: body.example },
        },
      },
    }),
    responses: { ...answersOf(route, shapes), ...problemAnswers(route) },
  };
}

function parametersOf({ params, query, effect, examples }: Route, where: 'path' | 'query'): Parameter[] {
  const shape = where === 'path' ? params : query;
  const { properties = {}, required = [] } = jsonSchemaOf(shape) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  const own = Object.entries(properties).map(([name, { description, ...schema }]): Parameter => {
    const example = examples?.[name];
    return {
      ...{ name, in: where, required: where === 'path' || required.includes(name) },
      ...(typeof description === 'string' && { description }),
      schema,
      ...(example !== undefined && { example }),
    };
  });
  return where === 'query' && effect === 'change' ? [...own, DRY_RUN] : own;
}

const DRY_RUN: Parameter = {
  ...{ name: 'dryRun', in: 'query', required: false, schema: { type: 'string', enum: ['1'] } },
  description: 'Shows what it would do, who has to approve, and what refuses it; changes nothing.',
};

const CONDITIONS: Readonly<Record<Precondition, readonly Parameter[]>> = {
  revision: [
    {
      ...{ name: 'If-Match', in: 'header', required: false, schema: { type: 'string' } },
      description: 'The revision that was seen, in quotes, as in its ETag.',
      example: '"1"',
    },
    {
      ...{ name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string', enum: ['*'] } },
      description: '`*` in the place of `If-Match` for what is new.',
    },
  ],
  hash: [
    {
      ...{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } },
      description: 'The hash of the change that was seen, in quotes, as in its ETag.',
    },
  ],
};

const IDEMPOTENCY: Parameter = {
  ...{ name: 'Idempotency-Key', in: 'header', required: false },
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  description: 'Of your own choice: with the same one the same request is done once, for 24 hours.',
};

const headersOf = ({ effect, precondition }: Route): Parameter[] => [
  ...(precondition === undefined ? [] : CONDITIONS[precondition]),
  ...(effect === 'write' || effect === 'change' ? [IDEMPOTENCY] : []),
];

const answersOf = ({ answers }: Route, shapes: DocumentedShapes): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, shapes)]));

function answerOf(answer: AnswerShape, shapes: DocumentedShapes): JsonSchema {
  const { description, schema, example, headers } = answer;
  const media = answer.media ?? (schema === undefined ? [] : [JSON_TYPE]);
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, about]) => [name, { description: about, schema: { type: 'string' } }]),
      ),
    }),
    ...(media.length > 0 && {
      content: Object.fromEntries(
        media.map((type) => [
          type,
          type === JSON_TYPE && schema !== undefined
            ? { schema: shapes.given(schema), ...(example !== undefined && { example }) }
            : { schema: { type: 'string' } },
        ]),
      ),
    }),
  };
}

const JSON_TYPE = 'application/json';
