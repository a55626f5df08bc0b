/** Flags that wait for nobody, of all that is still to be published. The oldest orders give way where there are more than can be sent. */
import { MAX_OVERRIDE } from '#schema/control-limits';
import type { PendingPublish } from './state.ts';

export function overrideOf(pending: readonly PendingPublish[]): Pick<PendingPublish, 'override'> {
  const flags = [...new Set(pending.flatMap(({ override = [] }) => override))];
  return flags.length === 0 ? {} : { override: flags.slice(-MAX_OVERRIDE) };
}
