/** The route at which a Worker takes what its pages tell. */
import type { MiddlewareHandler } from 'hono';
import { createExposureTokens } from '#exposure/exposure-token';
import { type Bindings, readSettings } from '#http/settings';
import { createPageForwarder } from './forward-page-beacon.ts';
import type { EdgeBindings } from './middleware.ts';
import { createPageIntake } from './page-intake.ts';
import { pageSettings } from './page-settings.ts';
import { createRateBound } from './rate-bound.ts';

/** Beacons of pages that an isolate takes on a second, and at once after it was quiet. */
const PER_SECOND = 200;
const AT_ONCE = 400;

/** For `app.all(path, pageExposures())`, in front of whatever else has a word on that path. */
export function pageExposures<Env extends EdgeBindings>(): MiddlewareHandler<{ Bindings: Env }> {
  let intake: ReturnType<typeof createPageIntake> | undefined;
  return async (c) => {
    intake ??= assembleIntake(c.env);
    return intake(c.req.raw);
  };
}

/** To be called inside a request: the emitter's name is random. */
function assembleIntake(bindings: EdgeBindings): ReturnType<typeof createPageIntake> {
  const { exposures, tokenKey, place } = readSettings(bindings as Bindings, pageSettings);
  const { INGEST: service } = bindings;
  const now = (): number => Date.now();
  return createPageIntake({
    forward:
      exposures &&
      service &&
      createPageForwarder(
        { service, ingestKey: exposures.ingestKey },
        { emitter: crypto.randomUUID(), now, region: place.region },
      ),
    tokens: tokenKey && createExposureTokens(tokenKey),
    place,
    bound: createRateBound(PER_SECOND, AT_ONCE, now),
    now,
  });
}
