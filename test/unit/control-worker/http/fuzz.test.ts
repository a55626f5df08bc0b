/**
 * The API against requests that are made from its own document: sound ones, bent ones and hostile ones. None is a bug (5xx), each is
 * answered as the document says, and the log still proves itself.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Operation, openApiDocument, type Parameter } from '../../../../workers/control/http/openapi-document.ts';
import { routes } from '../../../../workers/control/http/routes.ts';
import { admin, editor, everybody, pricing, uiOnly } from '../../control/fixtures/people.ts';
import { fuzzParameters } from '../../fixtures/fuzz-parameters.ts';
import { foundedApi } from '../fixtures/api.ts';
import { exportOf, foldedElsewhere, plain, verified } from '../fixtures/control.ts';

const document = openApiDocument(routes);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'api', components: document.components });

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

/** Things that are there, things that are not, and things that nothing may be called. */
const KNOWN = [
  'production',
  'staging',
  'pricing.fare',
  'ui.gate',
  'mine',
  'staff',
  'experiments',
  'q4',
  'shop',
  'pricing',
];
const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  '..',
  '.',
  '%2e%2e',
  'a/b',
  'A'.repeat(300),
  '-1',
  '0',
  'ключ',
  '\u0000',
  '=1+1',
];

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);

const hostileValue = fc.oneof(
  ...[fc.constant(null), fc.constant(1e308), fc.constant(-0), fc.constant([]), fc.constant({}), word],
  fc.jsonValue({ maxDepth: 3 }),
);

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
}

/** Values of a JSON Schema, as far as this document has it; now and then one part is something else. */
function valuesOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const sound = soundValues(schema, depth);
  return fc.oneof({ weight: 24, arbitrary: sound }, { weight: 1, arbitrary: hostileValue });
}

function soundValues(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) as string;
    return valuesOf(document.components.schemas[name] as Schema, depth);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => valuesOf(one, depth)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return word;
    case 'integer':
      return fc.oneof(
        fc.constantFrom(0, 1, 2),
        fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 9, 1e6) }),
      );
    case 'number':
      return fc.constantFrom(0, 0.001, 5, 50, 100);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, 1),
        maxLength: depth > 3 ? 1 : 3,
      });
    case 'object':
      return objectValues(schema, depth);
    default:
      return hostileValue;
  }
}

function objectValues(
  { properties = {}, required = [], additionalProperties }: Schema,
  depth: number,
): fc.Arbitrary<unknown> {
  const own = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one, depth + 1)]));
  const fixed = fc.record(own, { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object' || depth > 4) return fixed;
  const more = fc.dictionary(word, valuesOf(additionalProperties, depth + 1), { maxKeys: 2 });
  return fc.tuple(fixed, more).map(([one, other]) => ({ ...other, ...(one as object) }));
}

const present = ({ required }: Parameter): fc.Arbitrary<boolean> => (required ? fc.constant(true) : fc.boolean());

const header = ({ name }: Parameter): fc.Arbitrary<string> =>
  name === 'If-Match'
    ? fc.constantFrom('"1"', '"2"', '"x"', '1', '*', '""')
    : // Most are new: one that was used stands in the way of everything else that comes with it.
      fc.oneof(fc.constantFrom('*', 'key-1', 'key-2', 'x y', ''), { arbitrary: fc.uuid(), weight: 3 });

const parameterValues = (operation: Operation): fc.Arbitrary<(readonly [Parameter, string])[]> =>
  fc
    .tuple(
      ...operation.parameters.map((one) =>
        fc
          .tuple(
            present(one),
            one.in === 'header'
              ? header(one)
              : fc.oneof(
                  word,
                  valuesOf(one.schema as Schema).map((value) => JSON.stringify(value)),
                ),
          )
          .map(([is, value]) => (is ? [[one, value] as const] : [])),
      ),
    )
    .map((all) => all.flat());

/** As it is sent, with its type. The example is likelier than anything else to get past the border. */
const bodyOf = (operation: Operation): fc.Arbitrary<readonly [type: string, text: string] | undefined> => {
  const { content = {} } = (operation.requestBody ?? {}) as {
    content?: Record<string, { schema: Schema; example: unknown }>;
  };
  const [found] = Object.entries(content);
  if (found === undefined) return fc.constant(undefined);
  const [type, { schema, example }] = found;
  const values = fc.oneof({ weight: 2, arbitrary: fc.constant(example) }, { weight: 1, arbitrary: valuesOf(schema) });
  return values.map((value) => [type, type.endsWith('ndjson') ? String(value) : JSON.stringify(value)]);
};

const call = fc.constantFrom(...operations).chain(({ path, method, operation }) =>
  fc
    .tuple(parameterValues(operation), bodyOf(operation), fc.constantFrom(everybody, admin, editor, pricing, uiOnly))
    .map(([parameters, body, as]) => {
      const at = (where: Parameter['in']) => parameters.filter(([one]) => one.in === where);
      const values = new Map(at('path').map(([{ name }, value]) => [name, value]));
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURI(values.get(name) || 'x').replaceAll(/[?#]/g, ''),
      );
      const query = new URLSearchParams(at('query').map(([{ name }, value]) => [name, value])).toString();
      const headers = Object.fromEntries(at('header').map(([{ name }, value]) => [name, value]));
      return {
        what: `${method} ${filled}${query === '' ? '' : `?${query}`}`,
        operation,
        asked: {
          as,
          headers: { ...headers, ...(body && { 'content-type': body[0] }) },
          ...(body && { body: body[1] }),
        },
      };
    }),
);

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly $ref?: string;
}

/** Why an answer is none that the document has; undefined where it is one. */
function answerFault(operation: Operation, status: number, type: string, body: unknown): string | undefined {
  const found = operation.responses[String(status)] as Media | undefined;
  if (found === undefined) return `${operation.operationId}: ${status} is not in the document`;
  const { content } =
    found.$ref === undefined ? found : (document.components.responses[found.$ref.split('/').at(-1) as string] as Media);
  const media = content?.[type];
  if (media === undefined) return `${operation.operationId}: ${status} is ${type}`;
  if (!type.endsWith('json') || type.endsWith('ndjson')) return undefined;
  const validate = ajv.compile(qualified(media.schema));
  return validate(body) ? undefined : `${operation.operationId}: ${status}: ${ajv.errorsText(validate.errors)}`;
}

const compiled = new Map<string, object>();
/** References lead into the document; each schema is compiled once. */
function qualified(schema: object): object {
  const text = JSON.stringify(schema);
  const known = compiled.get(text) ?? (JSON.parse(text.replaceAll('"#/', '"api#/')) as object);
  compiled.set(text, known);
  return known;
}

const CI = { seed: 20_261_132, numRuns: 2_500 };
const parameters = fuzzParameters(CI);
const timeout = 60_000 * Math.max(1, parameters.numRuns / CI.numRuns);

describe('the API', () => {
  it('answers whatever its document gives rise to as the document says', { timeout }, async () => {
    const api = await foundedApi();
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(call, async ({ what, operation, asked }) => {
        const { status, headers, body, text } = await api.ask(what, asked);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status, `${what} ${JSON.stringify(asked)}: ${text}`).toBeLessThan(500);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('access-control-allow-origin')).toBeNull();
        // A path that came to be another's is answered by that one.
        if (body?.code === 'no-route' || body?.code === 'wrong-method') return;
        const type = (headers.get('content-type') ?? '').split(';')[0] as string;
        expect(answerFault(operation, status, type, body), `${what} ${text.slice(0, 500)}`).toBeUndefined();
      }),
      parameters,
    );
    // It got past the border, in both ways; of few requests perhaps none does.
    if (parameters.numRuns >= CI.numRuns) {
      expect(statuses.get(200) ?? 0).toBeGreaterThan(100);
      expect(statuses.get(202) ?? 0).toBeGreaterThan(0);
      expect(statuses.get(422) ?? 0).toBeGreaterThan(100);
    }
    await api.control.calm();
    const log = exportOf(api.control, 1_000);
    expect(await verified(log)).toMatchObject({ ok: true });
    expect(plain(foldedElsewhere(log))).toBe(plain(api.control.state()));
    expect(plain(api.control.reread().state())).toBe(plain(api.control.state()));
  });
});
