/** The EdgeWorker that answers OFREP, as the origin of a POP's paths: `responseProvider`. */
import { accessSettings } from '#http/access';
import { FAILED, MISCONFIGURED } from '#http/pop-refusals';
import type { Reply } from '#http/reply';
import { readSettings, SettingsError } from '#http/settings';
import { keep } from '#keep';
import { lockstep, logError, subtle } from './instance.ts';
import { settings } from './lockstep-settings.js';
import { createPop, type Pop } from './pop.ts';
import { provided } from './provide.ts';
import { readBody } from './read-body.ts';

const pop = (): Pop => keep('pop', () => createPop(lockstep(), readSettings(settings, accessSettings), subtle));

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
