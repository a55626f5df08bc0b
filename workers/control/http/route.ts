/**
 * One route: what it takes and gives, as the document of the API says it (`openapi-document.ts`), who may ask (`access`), and what is
 * done. What comes in is checked by the very schemas that are shown.
 */
import * as z from 'zod';
import type { Action, Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import type { Api } from './api.ts';
import type { ApiRefusal, RequestIssue } from './api-refusal.ts';

export type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';

/** What `x-lockstep-access` says. */
export type Access =
  | { readonly action: 'public' }
  | {
      readonly action: Action;
      /** Where one of these is enough instead. */
      readonly or?: readonly Action[];
      /** What the principal's scopes have to hold. */
      readonly over: 'self' | 'organisation' | 'environment' | 'namespace';
      /** One of these roles, or those that the policy of each namespace names, or none in particular. */
      readonly roles: readonly string[] | 'policy' | 'any';
    };

export type Tag = (typeof TAGS)[number]['name'];
export const TAGS = [
  { name: 'organisation', description: 'Who asks, how things stand, and all of it at once.' },
  { name: 'projects', description: 'What flags belong to.' },
  { name: 'environments', description: 'Each has its own flags, and its own publisher.' },
  { name: 'policies', description: 'Who may change what, and whose word it takes besides.' },
  { name: 'flags', description: 'What people are served.' },
  { name: 'segments', description: 'Named groups of units, for the rules of flags.' },
  { name: 'layers', description: 'Experiments that shut one another out.' },
  { name: 'holdouts', description: 'Units that are kept off every flag which names the holdout.' },
  { name: 'changes', description: 'Any list of operations as one change, and what it would do.' },
  { name: 'change requests', description: 'Changes that wait for somebody, or for their time.' },
  { name: 'keys', description: 'SDK keys and service tokens. Secrets are shown once.' },
  { name: 'webhooks', description: 'Who is told of changes.' },
  { name: 'audit', description: 'The log: for people, for verifiers, and for a standby.' },
  { name: 'service', description: 'What needs no token.' },
] as const;

export interface AnswerShape {
  readonly description: string;
  /** Undefined where there is no body, or one that is no JSON. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** `application/json` where nothing else is said. */
  readonly media?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BodyShape<B extends z.ZodType> {
  readonly schema: B;
  readonly example: unknown;
  readonly media?: 'application/json' | 'application/merge-patch+json' | 'application/x-ndjson';
  readonly maxBytes?: number;
}

/** `revision` of one item; `hash` of a change request. */
export type Precondition = 'revision' | 'hash';

/** `change` and `secret` leave an entry in the log; of a `change` it can be asked what it would do. A `question` with a body changes nothing. */
export type Effect = 'none' | 'question' | 'write' | 'change';

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** In the place of a body that is JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a list: the cursor of the page behind it. */
  readonly next?: string | undefined;
}

export type Answer = Result<Reply, ApiRefusal>;

export interface Call<P, Q, B> {
  readonly principal: Principal;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** What was sent as `If-Match: "<revision>"`, 0 for `If-None-Match: *`. */
  readonly base: number;
  /** What was sent as `If-Match: "<hash>"`. */
  readonly hash: string;
  readonly isDryRun: boolean;
  /** What it came through. */
  readonly via: string;
  readonly idempotency: { readonly key: string; readonly digest: string } | undefined;
  readonly headers: Headers;
}

export type RawCall = Omit<Call<unknown, unknown, unknown>, 'params' | 'query' | 'body'> & {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

interface Shown {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/projects/{key}`. */
  readonly path: string;
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  readonly access: Access;
  readonly effect: Effect;
  readonly precondition?: Precondition;
  /** By status; refusals are added to them. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** Of parameters, by name. */
  readonly examples?: Readonly<Record<string, string>>;
}

export interface Route extends Shown {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body?: BodyShape<z.ZodType>;
  run(api: Api, call: RawCall): Promise<Answer>;
}

interface Spec<P extends z.ZodRawShape, Q extends z.ZodRawShape, B extends z.ZodType> extends Shown {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: BodyShape<B>;
  readonly handle: (
    api: Api,
    call: Call<z.output<z.ZodObject<P>>, z.output<z.ZodObject<Q>>, z.output<B>>,
  ) => Answer | Promise<Answer>;
}

/** `params` that do not fit name nothing that there could be; the rest is told what is wrong with it. */
export function defineRoute<
  P extends z.ZodRawShape = Record<never, never>,
  Q extends z.ZodRawShape = Record<never, never>,
  B extends z.ZodType = z.ZodUndefined,
>(spec: Spec<P, Q, B>): Route {
  const { handle, params: paramsShape, query: queryShape, ...shown } = spec;
  const params = z.strictObject(paramsShape ?? ({} as P));
  const query = z.strictObject(queryShape ?? ({} as Q));
  return {
    ...shown,
    params: params as unknown as z.ZodObject,
    query: query as unknown as z.ZodObject,
    async run(api, call) {
      const at = params.safeParse(call.params);
      if (!at.success) return refused({ code: 'no-route' });
      const asked = query.safeParse(call.query);
      if (!asked.success) return refused({ code: 'malformed', issues: issuesIn(asked.error, 'query') });
      const given = bodyOf(spec.body, call.body);
      if (!given.ok) return given;
      return handle(api, { ...call, params: at.data, query: asked.data, body: given.value });
    },
  };
}

function bodyOf<B extends z.ZodType>(shape: BodyShape<B> | undefined, body: unknown): Result<z.output<B>, ApiRefusal> {
  if (shape === undefined) return ok(undefined as z.output<B>);
  const read = shape.schema.safeParse(body);
  return read.success ? ok(read.data) : refused({ code: 'malformed', issues: issuesIn(read.error, 'body') });
}

/** As many are told; the rest is like them. */
const MAX_ISSUES = 50;
const MAX_MESSAGE = 500;

export const issuesIn = (error: z.ZodError, root: string): RequestIssue[] =>
  error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: path
      .reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`), root)
      .slice(0, MAX_MESSAGE),
    message: message.slice(0, MAX_MESSAGE),
  }));

export const answered = (body: unknown, headers?: Readonly<Record<string, string>>): Answer =>
  ok({ status: 200, body, ...(headers && { headers }) });
