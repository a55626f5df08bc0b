/**
 * Flags inside any Worker that is written with Hono: evaluates in the isolate, puts the flags on the context, hands the decisions
 * that clients may see to the page, and keeps shared caches from mixing users up.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { type Bindings, readSettings } from '#http/settings';
import { keepPrivate } from './caching.ts';
import { createFlags, type Flags } from './flags.ts';
import { injectDecisions } from './inject.ts';
import { pageSettings } from './page-settings.ts';
import type { IngestService } from './post-beacon.ts';
import type { RulesetStore } from './ruleset-source.ts';
import { createEdgeRuntime, type EdgeRuntime } from './runtime.ts';
import { createVouch, type Vouch } from './vouch.ts';

/** What the middleware looks for among a Worker's bindings, besides its settings (`settings.ts`). */
export interface EdgeBindings {
  /** Where exposures go; without it they go nowhere. */
  readonly INGEST?: IngestService;
}

export interface LockstepOptions<Env extends EdgeBindings> {
  /** Where this Worker's rulesets are kept. */
  readonly store: (bindings: Env) => RulesetStore;
  /** Who asks: OpenFeature's context, `targetingKey` and attributes. Only what the Worker itself knows or has checked belongs in it. */
  readonly context: (c: Context<LockstepEnv<Env>>) => object | Promise<object>;
  /** Whether HTML pages get the decisions that clients may see; `false` by default. */
  readonly inject?: boolean;
}

/** What the middleware adds to a Hono context. */
export interface LockstepEnv<Env extends EdgeBindings> {
  Bindings: Env;
  Variables: { flags: Flags };
}

export function lockstep<Env extends EdgeBindings>(options: LockstepOptions<Env>): MiddlewareHandler<LockstepEnv<Env>> {
  let parts: EdgeParts | undefined;

  return async (c, next) => {
    parts ??= assembleParts(c.env, options.store(c.env));
    const { runtime, vouch } = parts;
    const context = await options.context(c);
    // Hono forgets what was prepared where a handler returns a response that it did not make, such as an origin's.
    const cookies = c.body(null).headers.getSetCookie();
    const evaluator = await runtime.evaluator(c.req.raw, { clientOnly: false }, (work) =>
      c.executionCtx.waitUntil(work),
    );
    const flags = createFlags(evaluator, context, vouch);
    c.set('flags', flags);
    await next();
    // A switch of protocol has no body, and no headers that may be added to.
    if (c.res.status === 101) return;
    const answer = finished(c.res, flags, options.inject === true, cookies.length > 0);
    const there = answer.headers.getSetCookie();
    for (const cookie of cookies) if (!there.includes(cookie)) answer.headers.append('set-cookie', cookie);
    answer.headers.set('lockstep-version', String(flags.version));
    replaceResponse(c, answer);
  };
}

interface EdgeParts {
  readonly runtime: EdgeRuntime;
  readonly vouch: Vouch | undefined;
}

function assembleParts(bindings: EdgeBindings, store: RulesetStore): EdgeParts {
  const settings = readSettings(bindings as Bindings, pageSettings);
  const { exposures, tokenKey } = settings;
  return {
    runtime: createEdgeRuntime(settings, store, bindings.INGEST),
    vouch: exposures && tokenKey && createVouch(exposures.unitKey, tokenKey),
  };
}

/** `isPersonal` where the answer names its visitor, whatever the flags. */
function finished(response: Response, flags: Flags, inject: boolean, isPersonal: boolean): Response {
  if (inject && isPage(response)) {
    const page = response.body === null ? response : injectDecisions(response, flags.forClient());
    return keepPrivate(page, true);
  }
  return flags.used() || isPersonal ? keepPrivate(response, false) : new Response(response.body, response);
}

/** Hono merges the headers of the response before into the one that is set; those that were taken away must stay away. */
function replaceResponse(c: { res: Response | undefined }, response: Response): void {
  c.res = undefined;
  c.res = response;
}

/** A whole one: decisions in a part of a page would shift the rest. Without a body it is what HEAD tells of one. */
const isPage = (response: Response): boolean =>
  response.status !== 206 && /^text\/html(?![^\s;])/i.test(response.headers.get('content-type') ?? '');
