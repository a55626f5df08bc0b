/** What every Worker with flags inside has in an isolate: the ruleset in force, and the way of exposures to ingest. */
import type { Context, Place } from '#core/context';
import type { Decision } from '#core/decision';
import { isExposing } from '#exposure/held';
import { userKey } from '#exposure/user-key';
import type { Caller, Evaluator } from '#http/ofrep-reply';
import { createRulesetCache } from '#ruleset/cache';
import { createOfflineRuleset } from '#ruleset/offline';
import type { RulesetCrypto } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { type Beacons, createBeacons } from './beacons.ts';
import type { DecisionCounts } from './decision-counts.ts';
import { createKeysSource, type KeysSource } from './keys-source.ts';
import { placeFor } from './place-for.ts';
import type { IngestService } from './post-beacon.ts';
import { createRulesetSource, type RulesetSource, type RulesetStore } from './ruleset-source.ts';
import type { EdgeSettings } from './settings.ts';

/** Takes work that outlives the answer: `ExecutionContext.waitUntil`. */
export type Behind = (work: Promise<unknown>) => void;

export interface EdgeEvaluator extends Evaluator {
  /** How long ago the store last gave or confirmed the ruleset; undefined before it ever did. */
  readonly ageMs: number | undefined;
}

export interface EdgeRuntime {
  readonly settings: EdgeSettings;
  readonly source: RulesetSource;
  /** Undefined where the Worker is not connected to ingest. */
  readonly beacons: Beacons | undefined;
  /** What a request is evaluated with; the offline defaults where no ruleset was ever received. */
  evaluator(request: Request, caller: Caller, behind: Behind): Promise<EdgeEvaluator>;
  /** The same at once, where the store need not be asked; undefined where it has to be. */
  youngEvaluator(request: Request, caller: Caller, behind: Behind): EdgeEvaluator | undefined;
}

/** To be called inside the first request: an isolate's start-up may neither read a clock nor make random names. */
export function createEdgeRuntime(
  settings: EdgeSettings,
  store: RulesetStore,
  ingest: IngestService | undefined,
  decisions?: DecisionCounts,
): EdgeRuntime {
  const cache = createRulesetCache({
    environment: settings.environment,
    crypto: edgeCrypto(settings),
    now,
    staleAfterMs: settings.staleAfterMs,
  });
  const source = createRulesetSource(settings, store, cache, now);
  const { exposures, place } = settings;
  const beacons = exposures && ingest && createBeacons({ service: ingest, ...exposures, region: place.region });
  return assembleRuntime(settings, source, beacons, decisions);
}

/** The keys that are issued, as the same store holds them. To be called inside the first request, as well. */
export const createEdgeKeys = (settings: TrustSettings, store: RulesetStore): KeysSource =>
  createKeysSource(store, { environment: settings.environment, crypto: edgeCrypto(settings), now });

const now = (): number => Date.now();

/** Whose word is taken, and for what. */
type TrustSettings = Pick<EdgeSettings, 'environment' | 'publicKeys'>;

function edgeCrypto({ publicKeys }: TrustSettings): RulesetCrypto {
  const encoder = new TextEncoder();
  return createWebCrypto(
    crypto.subtle as Subtle,
    publicKeys,
    (ascii) => encoder.encode(ascii) as Uint8Array<ArrayBuffer>,
  );
}

/** The same of parts that were made elsewhere. */
export function assembleRuntime(
  settings: EdgeSettings,
  source: RulesetSource,
  beacons: Beacons | undefined,
  decisions?: DecisionCounts,
): EdgeRuntime {
  const offline = createOfflineRuleset(settings.offlineDefaults);
  const offlineDigest = `offline ${JSON.stringify([...settings.offlineDefaults])}`;
  const exposing = (place: Place, behind: Behind): Pick<Evaluator, 'evaluated' | 'exposed'> | undefined =>
    beacons && {
      evaluated: (flags) => beacons.evaluated(flags),
      exposed: (flag, decision, context) => expose(beacons, place, behind, flag, decision, context),
    };
  return {
    settings,
    source,
    beacons,
    youngEvaluator(request, { clientOnly, scope }, behind) {
      const young = source.young();
      if (young === undefined) return undefined;
      const { ruleset, stale, ageMs } = young;
      const place = placeFor(request, settings.place);
      const { reader, claims } = ruleset;
      decisions?.count(claims.version);
      const digest = claims.sha256;
      const seen = { clientOnly, scope };
      return { ruleset: reader, digest, place, stale, offline: false, ...seen, ageMs, ...exposing(place, behind) };
    },
    async evaluator(request, { clientOnly, scope }, behind) {
      const current = await source.current(behind);
      const { stale, ageMs } = source.status();
      const place = placeFor(request, settings.place);
      const ruleset = current?.reader ?? offline;
      decisions?.count(ruleset.version);
      const digest = current?.claims.sha256 ?? offlineDigest;
      const isOffline = current === undefined;
      const seen = { clientOnly, scope };
      return { ruleset, digest, place, stale, offline: isOffline, ...seen, ageMs, ...exposing(place, behind) };
    },
  };
}

/** Of somebody: nothing else was seen by anybody who could be counted. */
function expose(
  beacons: Beacons,
  place: Place,
  behind: Behind,
  flag: string,
  decision: Decision,
  context: Context,
): void {
  const key = userKey(context);
  if (key === undefined || !isExposing(decision)) {
    beacons.evaluated([flag]);
    return;
  }
  const { revision, variation, reason, rule, version } = decision;
  const time = Date.now();
  const what = { flag, revision, variation, unitKey: key, reason, ...(rule && { rule }), version, ...place, time };
  const custody = beacons.expose(what);
  if (custody) behind(custody);
}
