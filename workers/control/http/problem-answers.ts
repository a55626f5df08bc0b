/** What a route may be refused with, for the document of the API: the same for all routes of its kind. */
import type { JsonSchema } from './json-schemas.ts';
import type { RefusalStatus } from './refusal-problem.ts';
import type { Route } from './route.ts';

const WHEN: Readonly<Record<Exclude<RefusalStatus, 405> | 500, string>> = {
  400: 'The body is no JSON, nests too deep, or has a member twice.',
  401: 'There is no valid token.',
  403: 'The token’s scopes or roles do not hold this, or it takes somebody else.',
  404: 'There is no such thing, or none that may be read.',
  409: 'It does not fit what is there now.',
  412: 'It is another by now than the one that was seen.',
  413: 'The body is too large.',
  415: 'The body is of another type.',
  422: 'It is not of the form, or breaks a rule; `issues` says where.',
  428: 'The request does not say what was seen.',
  500: 'A bug: it is in the log of the service.',
  503: 'Who is who, or a ticket, cannot be found out just now.',
};

/** For `components.responses`, by name. */
export const problemResponses = (): JsonSchema =>
  Object.fromEntries(
    Object.entries(WHEN).map(([status, description]) => [
      `Problem${status}`,
      {
        description,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );

export const problemAnswers = (route: Route): Record<string, JsonSchema> =>
  Object.fromEntries(
    problemStatuses(route).map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
  );

function problemStatuses({ access, params, body, effect, precondition }: Route): (keyof typeof WHEN)[] {
  if (access.action === 'public') return [];
  return [
    ...(body === undefined ? [] : ([400, 413, 415] as const)),
    401,
    ...(access.over === 'self' ? [] : ([403] as const)),
    ...(access.over === 'self' && Object.keys(params.shape).length === 0 ? [] : ([404] as const)),
    ...(effect === 'none' ? [] : ([409] as const)),
    ...(precondition === undefined ? [] : ([412, 428] as const)),
    422,
    500,
    503,
  ];
}

/** RFC 9457, with what Lockstep adds. */
export const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'RFC 9457. Members beside these go with `code`.',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what is allowed.' },
    code: { type: 'string', description: 'For programs.' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          message: { type: 'string' },
          file: { type: 'string' },
          line: { type: 'integer' },
          column: { type: 'integer' },
        },
      },
    },
  },
};
