/** The ingest Worker: takes exposures, and says how many there are. What it knows is in its inboxes. */
import { problemResponse } from '#http/problem';
import { createKeyRing } from '#http/sdk-keys';
import { type Bindings, SettingsError } from '#http/settings';
import { createApp } from './app.ts';
import { createInboxes } from './inboxes.ts';
import { readIngestSettings } from './settings.ts';

export { Inbox } from './inbox.ts';

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: Env): ReturnType<typeof createApp> {
  const { environment, sdkKeys } = readIngestSettings(env as unknown as Bindings);
  const keys = createKeyRing(sdkKeys, crypto.subtle);
  return createApp({ environment, keys, inboxes: createInboxes(env.INBOX), now: () => Date.now() });
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      return problemResponse({
        status: 500,
        title: 'Misconfigured',
        detail: 'the Worker is not configured; see its log',
      });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
