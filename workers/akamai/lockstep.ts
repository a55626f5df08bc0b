/** The parts that an instance of the EdgeWorker is made of. */
import type { Place } from '#core/context';
import type { Ruleset } from '#core/flag';
import { createEdgeKvReader, type EdgeKvToken, type HttpRequest } from '#edgekv/akamai/edgekv-reader';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import type { Bindings } from '#http/settings';
import { createRulesetCache } from '#ruleset/cache';
import { createOfflineRuleset } from '#ruleset/offline';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Provenance } from './hand-off.ts';
import { type AkamaiSettings, readAkamaiSettings } from './settings.ts';
import { createViewSource } from './view-source.ts';

/** What the platform gives. */
export interface Platform {
  readonly bindings: Bindings;
  readonly tokens: Readonly<Record<string, EdgeKvToken>>;
  readonly httpRequest: HttpRequest;
  readonly subtle: Subtle;
  now(): number;
}

export interface Lockstep {
  readonly settings: AkamaiSettings;
  /** What an event is decided with; one sub-request at most. */
  inForce(): Promise<InForce>;
}

export interface InForce extends Provenance {
  readonly ruleset: Ruleset;
  /** The compiled entry of a flag; undefined where there is none. */
  line(flag: string): string | undefined;
  readonly place: Place;
  readonly stale: boolean;
  /** No view was ever received. */
  readonly offline: boolean;
  /** Why the last read gave nothing new that could be used. */
  readonly fault: string | undefined;
}

/** Throws a `SettingsError` where the bundle's settings are not sound. */
export function createLockstep({ bindings, tokens, httpRequest, subtle, now }: Platform): Lockstep {
  const settings = readAkamaiSettings(bindings);
  const { environment, view, item, place, publicKeys, staleAfterMs, revalidateAfterMs, readTimeoutMs } = settings;
  const cache = createRulesetCache({
    environment: viewEnvironment(environment, view),
    crypto: createWebCrypto(subtle, publicKeys),
    now,
    staleAfterMs,
    keep: 0,
    check: 'lines',
  });
  const store = createEdgeKvReader(httpRequest, item, tokens[`namespace-${item.namespace}`], readTimeoutMs);
  const source = createViewSource(store, cache, now, revalidateAfterMs);
  const offline = createOfflineRuleset(settings.offlineDefaults);
  return {
    settings,
    async inForce() {
      const current = await source.current();
      const { version = 0, ageMs, stale } = cache.status();
      return {
        ruleset: current?.reader ?? offline,
        line: (flag) => current?.reader.line(flag),
        place,
        version,
        ageMs,
        stale,
        offline: current === undefined,
        fault: source.lastFault(),
      };
    },
  };
}
