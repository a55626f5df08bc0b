/** The EdgeWorker that answers OFREP, as the origin of a POP's paths: `responseProvider`. */
import { accessSettings } from '#http/access';
import { FAILED, MISCONFIGURED } from '#http/pop-refusals';
import type { Reply } from '#http/reply';
import { readSettings, SettingsError } from '#http/settings';
import { keep } from '#keep';
import { bindings, httpRequest, lockstep, logError, now, subtle } from './instance.ts';
import { createKeyUses, usesSettings } from './key-uses.ts';
import { createPop, type Pop } from './pop.ts';
import { createPopKeys } from './pop-keys.ts';
import { provided } from './provide.ts';
import { readBody } from './read-body.ts';

/** Of the keys document, kept as that of the view is. */
const highest = { version: 0 };

const pop = (): Pop =>
  keep('pop', () => {
    const made = lockstep();
    const { sdkKeys, allowedOrigins, receiver } = readSettings(bindings, (settings) => ({
      ...accessSettings(settings),
      receiver: usesSettings(settings),
    }));
    const timeoutMs = made.settings.readTimeoutMs;
    const used = receiver && createKeyUses(receiver, { httpRequest, now, timeoutMs, onError: logError });
    return createPop(made, createPopKeys(made, sdkKeys, { highest, subtle, now, used }), allowedOrigins);
  });

export async function responseProvider(request: EW.ResponseProviderRequest): Promise<object> {
  return provided(await replyTo(request));
}

async function replyTo(request: EW.ResponseProviderRequest): Promise<Reply> {
  try {
    return await pop()({
      method: request.method,
      path: request.path,
      headers: { get: (name) => request.getHeader(name)?.join(', ') ?? null },
      body: () => readBody(request),
    });
  } catch (error) {
    logError(error);
    return error instanceof SettingsError ? MISCONFIGURED : FAILED;
  }
}
