/** The planet's booking services: each behind the relay of its cloud, with a folder of its own. */
import { resolve } from 'node:path';
import type { PlanetKeys } from './keys.ts';
import { bookingOf, ENVIRONMENT, ORIGINS, type OriginName } from './layout.ts';
import type { NodeServer } from './node-server.ts';
import { statePath } from './state.ts';

export interface BookingOptions {
  readonly origin: OriginName;
  readonly keys: PlanetKeys;
  /** An address of the link to its relay. */
  readonly relayUrl: string;
  /** JSON: what flags serve before there is any ruleset. */
  readonly offlineDefaults: string;
  readonly staleAfterMs: number;
}

export function bookingServer({ origin, keys, relayUrl, offlineDefaults, staleAfterMs }: BookingOptions): NodeServer {
  const name = bookingOf(origin);
  return {
    module: 'scripts/planet/booking/booking-service.ts',
    env: (port) => ({
      ENVIRONMENT,
      RELAY_URL: relayUrl,
      LOCKSTEP_KEY: keys.bearer.server,
      UNIT_KEY: keys.unit,
      PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
      OFFLINE_DEFAULTS: offlineDefaults,
      STALE_AFTER_MS: String(staleAfterMs),
      CACHE_DIR: resolve(statePath('storage'), name),
      INSTANCE: name,
      REGION: ORIGINS[origin].region,
      CLOUD: origin,
      PORT: String(port),
    }),
  };
}
