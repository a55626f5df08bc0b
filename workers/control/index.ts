/** The control plane: what needs no token is answered here, the rest by the Durable Object of the organisation that the token names. */

import { problemResponse } from '#http/problem';
import { type Bindings, SettingsError } from '#http/settings';
import { accessToken } from './access-token.ts';
import { refusalResponse } from './http/create-app.ts';
import { createPublicAnswers } from './http/public-answers.ts';
import { routes } from './http/routes.ts';
import { SECURITY_HEADERS } from './http/security-headers.ts';
import { type ControlSettings, readControlSettings } from './settings.ts';

export { Organisation } from './organisation.ts';

let settings: ControlSettings | undefined;
const publicAnswer = createPublicAnswers(routes);

export default {
  async fetch(request, env) {
    try {
      settings ??= readControlSettings(env as unknown as Bindings);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      const detail = 'the Worker is not configured; see its log';
      return problemResponse({ status: 500, title: 'Misconfigured', detail }, SECURITY_HEADERS);
    }
    const open = publicAnswer(request);
    if (open !== undefined) return open;
    const organisation = accessToken(request.headers)?.organisation;
    // No object is made for whoever makes up a name.
    if (organisation === undefined || !settings.directories.has(organisation))
      return refusalResponse({ code: 'unauthorized' }, false);
    return env.ORGANISATION.getByName(organisation).fetch(request);
  },
} satisfies ExportedHandler<Env>;
