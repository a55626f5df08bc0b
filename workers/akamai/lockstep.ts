/** The parts that an instance of the EdgeWorker is made of. */
import type { Place } from '#core/context';
import type { Ruleset } from '#core/flag';
import { createEdgeKvReader, type EdgeKvToken, type HttpRequest } from '#edgekv/akamai/edgekv-reader';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import type { Bindings } from '#http/settings';
import { createRulesetCache } from '#ruleset/cache';
import { createOfflineRuleset } from '#ruleset/offline';
import { verifyRuleset } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { Provenance } from './provenance.ts';
import { readViewSettings, type ViewSettings } from './settings.ts';
import {
  createViewSource,
  type HighestVersion,
  type ViewSource,
  type ViewSourceOptions,
  type ViewStatus,
} from './view-source.ts';

/** What the platform gives. */
export interface Platform {
  readonly bindings: Bindings;
  /** Whatever people wrote: without one that is good, EdgeKV gives nothing. */
  readonly tokens: Readonly<Record<string, EdgeKvToken>> | undefined;
  readonly httpRequest: HttpRequest;
  readonly subtle: Subtle;
  /** Natively: a loop over a whole view takes a millisecond in an instance that is new. */
  utf8(text: string): Uint8Array<ArrayBuffer>;
  now(): number;
  /** What outlives this Lockstep, where the platform takes it away. */
  readonly highest: HighestVersion;
}

export interface Lockstep {
  readonly settings: ViewSettings;
  /** What is signed for a name in this environment, and lies in an item of EdgeKV. */
  open(what: Opened): ViewSource;
  /** What an event is decided with; one sub-request at most. */
  inForce(): Promise<InForce>;
  status(): ViewStatus;
}

export interface Opened extends Pick<ViewSourceOptions, 'highest' | 'revalidateAfterMs' | 'retryMissingMs'> {
  readonly name: string;
  /** That of the name, where it is not said. */
  readonly item?: string;
  readonly staleAfterMs: number;
}

export interface InForce extends Provenance {
  readonly ruleset: Ruleset;
  /** Names the content of the ruleset. */
  readonly digest: string;
  /** The compiled entry of a flag; undefined where there is none. */
  line(flag: string): string | undefined;
  readonly place: Place;
  readonly stale: boolean;
  /** No view was ever received. */
  readonly offline: boolean;
  /** Why the read that was made for this event gave nothing new that could be used; undefined where it did, or none was made. */
  readonly fault: string | undefined;
}

/** Throws a `SettingsError` where the bundle's settings are not sound. */
export function createLockstep({ bindings, tokens, httpRequest, subtle, utf8, now, highest }: Platform): Lockstep {
  const settings = readViewSettings(bindings);
  const { environment, view, item, place, publicKeys, readTimeoutMs } = settings;
  const crypto = createWebCrypto(subtle, publicKeys, utf8);
  const token = tokens?.[`namespace-${item.namespace}`];

  function open({ name, item: named = name, staleAfterMs, ...times }: Opened): ViewSource {
    const signedFor = viewEnvironment(environment, name);
    const cache = createRulesetCache({ environment: signedFor, crypto, now, staleAfterMs });
    const store = createEdgeKvReader(httpRequest, { ...item, item: named }, token, readTimeoutMs);
    const verify = (text: string) => verifyRuleset(text, signedFor, crypto);
    return createViewSource({ store, cache, verify, now, ...times });
  }

  const source = open({ ...settings, name: view, item: item.item, highest });
  const offline = createOfflineRuleset(settings.offlineDefaults);
  const offlineDigest = `offline ${JSON.stringify([...settings.offlineDefaults])}`;
  return {
    settings,
    open,
    async inForce() {
      const { view: current, fault } = await source.current();
      const { version = 0, ageMs, stale } = source.status();
      return {
        ruleset: current?.reader ?? offline,
        digest: current?.claims.sha256 ?? offlineDigest,
        line: (flag) => current?.reader.line(flag),
        place,
        version,
        ageMs,
        stale,
        offline: current === undefined,
        fault,
      };
    },
    status: source.status,
  };
}
