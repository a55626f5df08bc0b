/** The HTTP surface of the publisher. */
import type { Context } from 'hono';
import { Hono } from 'hono/tiny';
import { boundedJson } from '#http/bounded-json';
import { matchesEtag } from '#http/etag';
import { problemResponse } from '#http/problem';
import { createKeyRing, type KeyRecord } from '#http/sdk-keys';
import { MAX_KEY_LINES, MAX_RULESET } from '#schema/limits';
import type { Result } from '#schema/result';
import type { KeysPublishing } from './keys-publishing.ts';
import type { Publishing } from './publishing.ts';
import { readJournalQuery, readKeysRequest, readPublishRequest, readReturnRequest } from './read-request.ts';
import type { Refusal } from './refusal.ts';
import { problemOf } from './refusal-problem.ts';
import type { PublisherKeyKind, PublisherSettings } from './settings.ts';

interface PublisherEnv {
  Variables: { record: KeyRecord<PublisherKeyKind> };
}

/** What of publishing is reached through the press. */
export type PressPort = Remote<Publishing> & Remote<KeysPublishing>;

type Remote<Part extends Publishing | KeysPublishing> = {
  readonly [Method in Exclude<keyof Part, 'tend' | 'dueAt'>]: Part[Method] extends (...of: infer Of) => infer Answer
    ? (...of: Of) => Promise<Awaited<Answer>>
    : never;
};

/** In JSON every quote of a line takes two characters. */
const MAX_PUBLISH_BYTES = 2 * MAX_RULESET;
const MAX_KEYS_BYTES = 4 * MAX_KEY_LINES;
const MAX_RETURN_BYTES = 64 * 1024;
/** Of a body: an object of texts, numbers and lists of texts. */
const MAX_DEPTH = 2;

export function createApp(press: () => PressPort, { keys }: Pick<PublisherSettings, 'keys'>): Hono<PublisherEnv> {
  const ring = createKeyRing(keys, crypto.subtle);
  const app = new Hono<PublisherEnv>();

  app.use(async (c, next) => {
    const record = await ring.recordOf(c.req.raw);
    if (record === undefined) return UNAUTHORIZED();
    c.set('record', record);
    await next();
    c.res.headers.set('cache-control', 'no-store');
    return undefined;
  });
  app.get('/v1/ruleset', async (c) => c.json(await press().status()));
  app.get('/v1/ruleset/lines', async (c) => {
    const answer = await press().lines();
    if (!answer.ok) return problemResponse(problemOf(answer.error));
    const { version, digest, lines } = answer.value;
    const headers = { etag: `"${digest}"`, 'lockstep-version': String(version) };
    if (matchesEtag(c.req.raw.headers.get('if-none-match'), headers.etag)) return c.body(null, 304, headers);
    return c.text(lines, 200, headers);
  });
  app.post('/v1/ruleset', async (c) => {
    if (c.get('record').kind !== 'publisher') return FORBIDDEN();
    const request = await readBody(c, MAX_PUBLISH_BYTES, readPublishRequest);
    return request instanceof Response ? request : answered(await press().publish(request, actorOf(c)));
  });
  app.post('/v1/ruleset/return', async (c) => {
    const request = await readBody(c, MAX_RETURN_BYTES, readReturnRequest);
    return request instanceof Response ? request : answered(await press().returnTo(request, actorOf(c)));
  });
  app.get('/v1/journal', async (c) => {
    const query = readJournalQuery(c.req.query());
    if (!query.ok) return UNPROCESSABLE(query.error);
    return c.json(await press().journal(query.value.after, query.value.limit));
  });
  app.get('/v1/keys', async (c) => c.json(await press().keys()));
  app.put('/v1/keys', async (c) => {
    if (c.get('record').kind !== 'publisher') return FORBIDDEN();
    const request = await readBody(c, MAX_KEYS_BYTES, readKeysRequest);
    return request instanceof Response ? request : answered(await press().putKeys(request, actorOf(c)));
  });
  app.get('/v1/keys/journal', async (c) => {
    const query = readJournalQuery(c.req.query());
    if (!query.ok) return UNPROCESSABLE(query.error);
    return c.json(await press().keysJournal(query.value.after, query.value.limit));
  });
  for (const [path, methods] of ROUTES) app.all(path, () => METHOD_NOT_ALLOWED(methods));
  app.notFound(NOT_FOUND);
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    return INTERNAL();
  });
  return app;
}

const ROUTES = [
  ['/v1/ruleset', 'GET, POST'],
  ['/v1/ruleset/lines', 'GET'],
  ['/v1/ruleset/return', 'POST'],
  ['/v1/journal', 'GET'],
  ['/v1/keys', 'GET, PUT'],
  ['/v1/keys/journal', 'GET'],
] as const;

const actorOf = (c: Context<PublisherEnv>): string => c.get('record').name ?? c.get('record').kind;

const answered = (answer: Result<object, Refusal>): Response =>
  answer.ok ? Response.json(answer.value) : problemResponse(problemOf(answer.error));

/** The request, or the answer that refuses it. */
async function readBody<T extends object>(
  c: Context<PublisherEnv>,
  maxBytes: number,
  read: (body: unknown) => Result<T, Refusal | string>,
): Promise<T | Response> {
  const body = await boundedJson(c.req.raw, maxBytes, MAX_DEPTH);
  if (body.ok) {
    const request = read(body.value);
    return request.ok ? request.value : problemResponse(problemOf(request.error));
  }
  switch (body.error) {
    case 'too-large':
      return TOO_LARGE(maxBytes);
    case 'too-deep':
      return UNPROCESSABLE(`the body nests deeper than ${MAX_DEPTH}`);
    case 'not-json':
      return BAD_REQUEST();
    default:
      return body.error satisfies never;
  }
}

const UNAUTHORIZED = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid publisher key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );
const FORBIDDEN = (): Response =>
  problemResponse({
    status: 403,
    title: 'Forbidden',
    detail: 'a break-glass key may read and return; publishing takes a publisher key',
  });
const NOT_FOUND = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: `there is no such route; there are ${ROUTES.map(([path]) => path).join(', ')}`,
  });
const METHOD_NOT_ALLOWED = (allow: string): Response =>
  problemResponse({ status: 405, title: 'Method Not Allowed', detail: `this takes ${allow}` }, { allow });
const BAD_REQUEST = (): Response =>
  problemResponse({ status: 400, title: 'Bad Request', detail: 'the body is no JSON' });
const TOO_LARGE = (maxBytes: number): Response =>
  problemResponse({ status: 413, title: 'Content Too Large', detail: `the body is larger than ${maxBytes} bytes` });
const UNPROCESSABLE = (detail: string): Response =>
  problemResponse({ status: 422, title: 'Unprocessable Content', detail });
const INTERNAL = (): Response =>
  problemResponse({ status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' });
