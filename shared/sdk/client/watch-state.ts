/** How well a client is served, and when that changes: by what happens, and by time. */

import type { Clock } from '#sdk/stream/clock';
import type { HeardCache } from '#sdk/stream/until-heard';
import type { ClientState } from './lockstep-client.ts';

export interface StateWatch {
  state(): ClientState;
  /** Something happened: looks at once. */
  look(): void;
  /** Nothing will be there at once: whoever waits need not. */
  failed(): void;
  stop(): void;
}

/** How often it is looked whether what is served has become stale: nothing else happens then. */
const LOOK_MS = 1_000;

export function watchState(cache: HeardCache, clock: Clock, changed: (state: ClientState) => void): StateWatch {
  let state: ClientState = 'starting';
  let hasFailed = false;
  let cancel = clock.after(LOOK_MS, keepLooking);

  function keepLooking(): void {
    cancel = clock.after(LOOK_MS, keepLooking);
    look();
  }

  function look(): void {
    const { version, stale } = cache.status();
    const withRuleset = stale ? 'stale' : 'live';
    const without = hasFailed ? 'offline' : 'starting';
    const next = version === undefined ? without : withRuleset;
    if (next === state) return;
    state = next;
    changed(state);
  }

  return {
    state: () => state,
    look,
    failed() {
      hasFailed = true;
      look();
    },
    stop: () => cancel(),
  };
}
