/** The stream: tells relays and SDKs what is in force, and hears what they have. What it knows is in its channel. */
import { createKvKeysReader } from '#edgekv/cloudflare/kv-reader';
import { problemResponse } from '#http/problem';
import { type Bindings, SettingsError } from '#http/settings';
import { createIssuedRing } from '#sdk/edge/issued-ring';
import { createEdgeKeys } from '#sdk/edge/runtime';
import { createBeaconPost } from '#sdk/exposures/post-beacon';
import { createUseReports, type UseReports } from '#sdk/exposures/use-reports';
import { systemClock } from '#sdk/stream/clock';
import { createApp } from './app.ts';
import { createCachedLines } from './cached-lines.ts';
import { type ChannelStub, createAskChannel } from './channel-port.ts';
import { readStreamSettings, type StreamSettings } from './settings.ts';

export { Channel } from './channel.ts';
export { Region } from './region.ts';

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: Env): ReturnType<typeof createApp> {
  const settings = readStreamSettings(env as unknown as Bindings);
  const { environment, sdkKeys } = settings;
  const issued = createEdgeKeys(settings, createKvKeysReader(env.RULESETS, environment));
  const ring = createIssuedRing(issued, sdkKeys);
  const ask = createAskChannel(() => env.CHANNEL.getByName(environment) as unknown as ChannelStub);
  const read = (digest: string): Promise<string | undefined> => ask((channel) => channel.lines(digest));
  const lines = createCachedLines({ environment, cache: caches.default, read });
  return createApp({ ring, issued, ask, lines, uses: useReports(settings) });
}

/** To be called inside a request: the emitter's name is random. */
function useReports({ uses }: StreamSettings): UseReports | undefined {
  if (uses === undefined) return undefined;
  const clock = systemClock;
  const send = createBeaconPost({ ...uses, fetch: (url, init) => fetch(url, init), clock, gzip: undefined });
  return createUseReports({ emitter: crypto.randomUUID(), send, clock });
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      const detail = 'the Worker is not configured; see its log';
      return problemResponse({ status: 500, title: 'Misconfigured', detail });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
