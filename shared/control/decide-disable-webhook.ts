/** The receiver of a webhook is gone for good (it answered 410), or has failed for days: nothing more is sent until somebody enables it. */
import type { Command } from '#schema/control-command';
import { ok, type Result } from '#schema/result';
import type { Event } from './event.ts';
import { get } from './persistent-map.ts';
import type { State } from './state.ts';

type DisableWebhook = Extract<Command, { type: 'disable-webhook' }>;

/** Of one that was changed or deleted meanwhile, what was said does not count any more. */
export function decideDisableWebhook(
  state: State,
  { webhook: key, revision }: DisableWebhook,
): Result<readonly Event[], never> {
  const known = get(state.webhooks, key);
  if (known === undefined || known.revision !== revision || !known.body.enabled) return ok([]);
  return ok([{ type: 'webhook-put', key, revision: revision + 1, body: { ...known.body, enabled: false } }]);
}
