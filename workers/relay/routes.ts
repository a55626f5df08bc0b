/** Every route of a relay but streams and evaluations, which are answered past Hono (`listener.ts`). */
import { Hono, type MiddlewareHandler } from 'hono';
import { FAILED, FORBIDDEN } from '#http/pop-refusals';
import { LIVE, LIVENESS } from '#http/pop-status';
import type { Reply } from '#http/reply';
import { responseOf } from '#http/response-of';
import type { KeyRecord } from '#http/sdk-keys';
import { INSTANCE_PATTERN } from '#schema/stream-limits';
import type { AcksBelow } from './acks-below.ts';
import { type Admission, maySeeAll } from './admission.ts';
import type { ForwardExposures } from './exposure-forwarder.ts';
import type { Held } from './held.ts';
import type { RelayMetrics } from './metrics.ts';
import { badRequest, DRAINING, NO_KEYS, NO_ROUTE, NOTHING_YET, notTaken, RELAYS_ONLY, SCOPED } from './refusals.ts';
import type { RulesetReplies } from './ruleset-replies.ts';

export interface RouteParts {
  readonly held: Held;
  readonly admission: Pick<Admission, 'recordOf' | 'refusal'>;
  readonly replies: RulesetReplies;
  readonly acks: AcksBelow;
  /** Passes on that one of those below ended on purpose. */
  readonly goodbye: (instance: string, as: 'relay' | 'sdk') => void;
  readonly forward: ForwardExposures;
  readonly metrics: RelayMetrics;
  readonly status: () => Reply;
  readonly isDraining: () => boolean;
  readonly log: (message: string) => void;
}

interface RelayEnv {
  Variables: { record: KeyRecord };
}

type Guard = MiddlewareHandler<RelayEnv>;

const READY: Reply = { ...LIVE, body: 'ready' };
const DONE: Reply = { status: 204, headers: {}, body: null };

export function createRoutes(parts: RouteParts): Hono<RelayEnv> {
  const { held, admission, replies, acks, forward, metrics } = parts;
  const app = new Hono<RelayEnv>();
  const guarded =
    (refusalOf: (record: KeyRecord) => Reply | undefined): Guard =>
    async (c, next) => {
      const record = await admission.recordOf(c.req.raw.headers);
      const refusal = record === undefined ? admission.refusal() : refusalOf(record);
      if (record === undefined || refusal !== undefined) return responseOf(refusal ?? admission.refusal());
      c.set('record', record);
      return next();
    };
  const service = guarded(({ kind }) => (kind === 'client' ? FORBIDDEN : undefined));
  const whole = guarded((record) => (record.kind === 'client' ? FORBIDDEN : maySeeAll(record) ? undefined : SCOPED));
  const relay = guarded((record) => (record.kind === 'relay' && maySeeAll(record) ? undefined : RELAYS_ONLY));

  app.get(LIVENESS, () => responseOf(LIVE));
  // What home does is no reason: every relay would be taken away at once.
  app.get('/readyz', () =>
    responseOf(parts.isDraining() ? DRAINING : held.rulesets.current() === undefined ? NOTHING_YET : READY),
  );
  app.get('/v1/status', service, () => responseOf(parts.status()));
  app.get('/metrics', service, async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }));
  app.get('/v1/ruleset', whole, (c) => replies.whole(c.req.raw, held.rulesets) ?? responseOf(NOTHING_YET));
  app.get('/v1/rulesets/:digest', whole, (c) => replies.lines(c.req.raw, c.req.param('digest')));
  app.get('/v1/keys', relay, (c) => replies.whole(c.req.raw, held.keys) ?? responseOf(NO_KEYS));
  app.post('/v1/acks', whole, async (c) => responseOf(await acks.receive(c.req.raw, c.get('record'))));
  app.delete('/v1/acks/:instance', whole, (c) => {
    const instance = c.req.param('instance');
    if (!INSTANCE_PATTERN.test(instance)) return responseOf(badRequest('the path must end in an instance'));
    acks.goodbye(instance);
    const isRelay = c.get('record').kind === 'relay' && c.req.header('lockstep-kind') === 'relay';
    parts.goodbye(instance, isRelay ? 'relay' : 'sdk');
    return responseOf(DONE);
  });
  app.post('/v1/exposures', service, async (c) => responseOf(await forward(c.req.raw)));
  app.notFound((c) => responseOf(refusalAt(c.req.path)));
  app.onError((error) => {
    parts.log(`${error.name}: ${error.message}`);
    return responseOf(FAILED);
  });
  return app;
}

/** Of a path that there is, with a method that it does not take. */
function refusalAt(path: string): Reply {
  if (path === '/v1/acks' || path === '/v1/exposures') return notTaken('POST');
  if (path.startsWith('/v1/acks/')) return notTaken('DELETE');
  const isRead = ['/livez', '/readyz', '/metrics', '/v1/status', '/v1/ruleset', '/v1/keys'].includes(path);
  return isRead || path.startsWith('/v1/rulesets/') ? notTaken('GET, HEAD') : NO_ROUTE;
}
