/** The HTTP surface of the stream. */
import { Hono, type MiddlewareHandler } from 'hono';
import { boundedJson } from '#http/bounded-json';
import { matchesEtag } from '#http/etag';
import type { KeyRecord } from '#http/sdk-keys';
import { EVENT_STREAM } from '#http/sse-event';
import { readHello } from '#http/stream-hello';
import { DIGEST_PATTERN, MAX_RULESET } from '#schema/limits';
import { INSTANCE_PATTERN } from '#schema/stream-limits';
import type { IssuedRing } from '#sdk/edge/issued-ring';
import type { KeysSource } from '#sdk/edge/keys-source';
import type { UseReports } from '#sdk/exposures/use-reports';
import type { CachedLines } from './cached-lines.ts';
import { type AskChannel, ChannelError } from './channel-port.ts';
import { readConvergenceQuery } from './convergence-query.ts';
import { mayAsk, type StreamAction, type StreamKeyKind } from './key-kinds.ts';
import { offer } from './offer.ts';
import {
  badAcks,
  badBody,
  badRequest,
  forbidden,
  internalError,
  keyInQuery,
  methodNotAllowed,
  noAnswer,
  notFound,
  nothingYet,
  notRelay,
  offerRefused,
  openRefused,
  scoped,
  unauthorized,
  unheard,
} from './problems.ts';
import { detailOf, readAcks } from './read-acks.ts';

export interface StreamDeps {
  readonly ring: Pick<IssuedRing<StreamKeyKind>, 'recordOf'>;
  readonly issued: Pick<KeysSource, 'isKnown'>;
  readonly ask: AskChannel;
  readonly lines: CachedLines;
  /** Undefined where nobody hears when keys were last used. */
  readonly uses?: Pick<UseReports, 'used'> | undefined;
}

interface StreamEnv {
  Variables: { record: KeyRecord<StreamKeyKind> };
}

/** In JSON every quote of a line takes two characters. */
const MAX_OFFER_BYTES = 2 * MAX_RULESET;
/** Lists of what it needs. */
const MAX_OFFER_DEPTH = 3;
const MAX_KEYS_BYTES = 512 * 1024;
const KEY_PARAMETERS = ['key', 'token', 'authorization', 'access_token', 'api_key'];

export function createApp({ ring, issued, ask, lines, uses }: StreamDeps): Hono<StreamEnv> {
  const app = new Hono<StreamEnv>();
  const knownKey: MiddlewareHandler<StreamEnv> = async (c, next) => {
    const inQuery = KEY_PARAMETERS.find((name) => c.req.query(name) !== undefined);
    if (inQuery !== undefined) return keyInQuery(inQuery);
    const behind = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work);
    const record = await ring.recordOf(c.req.raw, behind);
    if (record === undefined) return issued.isKnown() ? unauthorized() : unheard();
    const report = record.issued && uses?.used(record.sha256);
    if (report) behind(report);
    c.set('record', record);
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
    return undefined;
  };
  const takes =
    (action: StreamAction): MiddlewareHandler<StreamEnv> =>
    async (c, next) => {
      const { kind, scope } = c.get('record');
      if (!mayAsk(kind, action)) return forbidden(kind, action);
      return scope === undefined ? next() : scoped(scope);
    };

  app.get('/livez', (c) => c.text('live', 200));
  app.use('/v1/*', knownKey);
  app.get('/v1/stream', takes('flags'), async (c) => {
    const hello = readHello(c.req.raw.headers);
    if (!hello.ok) return badRequest(hello.error);
    const { kind, sha256 } = c.get('record');
    if (hello.value.kind === 'relay' && kind !== 'relay') return notRelay();
    const opened = await ask((channel) => channel.open(hello.value, { sha256, kind }));
    if (!opened.ok) return openRefused(opened.error);
    return new Response(opened.value, { headers: STREAM_HEADERS });
  });
  app.get('/v1/ruleset', takes('flags'), async (c) => {
    const instance = c.req.header('lockstep-instance') ?? '';
    const head = await ask((channel) => channel.head(INSTANCE_PATTERN.test(instance) ? instance : undefined));
    if (head === undefined) return nothingYet();
    const headers = { etag: head.etag, 'lockstep-version': String(head.version), 'cache-control': 'private, no-cache' };
    if (matchesEtag(c.req.header('if-none-match') ?? null, head.etag)) return c.body(null, 304, headers);
    const body = await lines(head.digest, (work) => c.executionCtx.waitUntil(work));
    return body === undefined ? noAnswer() : c.text(`${head.header}\n${body}`, 200, headers);
  });
  app.get('/v1/rulesets/:digest', takes('flags'), async (c) => {
    const digest = c.req.param('digest');
    if (!DIGEST_PATTERN.test(digest)) return badRequest('a digest is 43 characters of base64url');
    const body = await lines(digest, (work) => c.executionCtx.waitUntil(work));
    if (body === undefined) return notFound('that ruleset is not kept: fetch /v1/ruleset');
    return c.text(body, 200, { 'cache-control': 'private, max-age=31536000, immutable', etag: `"${digest}"` });
  });
  app.get('/v1/keys', takes('keys'), async (c) => {
    const found = await ask((channel) => channel.keys());
    if (found === undefined)
      return c.get('record').kind === 'publisher' ? notFound('there is no keys document') : nothingYet();
    const headers = {
      etag: found.etag,
      'lockstep-version': String(found.version),
      'cache-control': 'private, no-cache',
    };
    if (matchesEtag(c.req.header('if-none-match') ?? null, found.etag)) return c.body(null, 304, headers);
    return c.text(found.text, 200, headers);
  });
  app.put('/v1/keys', takes('offer'), async (c) => {
    const body = await boundedJson(c.req.raw, MAX_KEYS_BYTES, 1);
    if (!body.ok) return badBody(body.error, MAX_KEYS_BYTES);
    const text = (body.value as { text?: unknown } | null)?.text;
    if (typeof text !== 'string') return badRequest('the body must be {"text": "<the signed keys document>"}');
    const taken = await ask((channel) => channel.takeKeys(text));
    return taken.ok ? c.body(null, 204) : offerRefused(taken.error);
  });
  app.post('/v1/offers', takes('offer'), async (c) => {
    const body = await boundedJson(c.req.raw, MAX_OFFER_BYTES, MAX_OFFER_DEPTH);
    if (!body.ok) return badBody(body.error, MAX_OFFER_BYTES);
    const read = offer.safeParse(body.value);
    if (!read.success) return badRequest(detailOf(read.error));
    const word = await ask((channel) => channel.offer(read.data));
    return word.ok ? c.json(word.value, 200) : offerRefused(word.error);
  });
  app.post('/v1/acks', takes('flags'), async (c) => {
    const acks = await readAcks(c.req.raw);
    if (!acks.ok) return acks.error;
    const { good, rejected } = acks.value;
    if (good.length > 0) await ask((channel) => channel.hear(good, c.get('record').kind));
    return rejected.length > 0 ? badAcks(rejected) : c.body(null, 204);
  });
  app.delete('/v1/acks/:instance', takes('flags'), async (c) => {
    const instance = c.req.param('instance');
    if (!INSTANCE_PATTERN.test(instance)) return badRequest('that is no name of an instance');
    const as = c.req.header('lockstep-kind') === 'relay' ? 'relay' : 'sdk';
    await ask((channel) => channel.goodbye(instance, c.get('record').kind, as));
    return c.body(null, 204);
  });
  app.get('/v1/convergence', takes('flags'), async (c) => {
    const query = readConvergenceQuery(new URL(c.req.url).searchParams);
    if (!query.ok) return badRequest(query.error);
    return c.json(await ask((channel) => channel.convergence(query.value)), 200);
  });
  for (const [path, methods] of ROUTES) app.all(path, () => methodNotAllowed(methods));
  app.notFound(() => notFound());
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    return error instanceof ChannelError ? noAnswer() : internalError();
  });
  return app;
}

const STREAM_HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store, no-transform',
  // Proxies that buffer answers let this one through.
  'x-accel-buffering': 'no',
};

const ROUTES = [
  ['/v1/stream', 'GET'],
  ['/v1/ruleset', 'GET'],
  ['/v1/rulesets/:digest', 'GET'],
  ['/v1/keys', 'GET, PUT'],
  ['/v1/offers', 'POST'],
  ['/v1/acks', 'POST'],
  ['/v1/acks/:instance', 'DELETE'],
  ['/v1/convergence', 'GET'],
] as const;
