/** What every Worker with flags inside has in an isolate: the ruleset in force, and the way of exposures to ingest. */
import { type Context, type Place, unitKey } from '#core/context';
import type { Decision } from '#core/decision';
import type { Evaluator } from '#http/ofrep';
import { createRulesetCache } from '#ruleset/cache';
import { createOfflineRuleset } from '#ruleset/offline';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { type Beacons, createBeacons, type IngestService } from './beacons.ts';
import { createRulesetSource, type RulesetSource, type RulesetStore } from './ruleset-source.ts';
import type { EdgeSettings } from './settings.ts';

/** Takes work that outlives the answer: `ExecutionContext.waitUntil`. */
export type Behind = (work: Promise<unknown>) => void;

export interface EdgeRuntime {
  readonly settings: EdgeSettings;
  readonly source: RulesetSource;
  /** Undefined where the Worker is not connected to ingest. */
  readonly beacons: Beacons | undefined;
  /** What a request is evaluated with; the offline defaults where no ruleset was ever received. */
  evaluator(request: Request, clientOnly: boolean, behind: Behind): Promise<Evaluator>;
}

/** To be called inside the first request: an isolate's start-up may neither read a clock nor make random names. */
export function createEdgeRuntime(
  settings: EdgeSettings,
  store: RulesetStore,
  ingest: IngestService | undefined,
): EdgeRuntime {
  const now = (): number => Date.now();
  const cache = createRulesetCache({
    environment: settings.environment,
    crypto: createWebCrypto(crypto.subtle as Subtle, settings.publicKeys),
    now,
    staleAfterMs: settings.staleAfterMs,
    keep: 0,
    check: 'lines',
  });
  const source = createRulesetSource(settings, store, cache, now);
  const beacons = settings.exposures && ingest ? createBeacons({ service: ingest, ...settings.exposures }) : undefined;
  return assembleRuntime(settings, source, beacons);
}

/** The same of parts that were made elsewhere. */
export function assembleRuntime(
  settings: EdgeSettings,
  source: RulesetSource,
  beacons: Beacons | undefined,
): EdgeRuntime {
  const offline = createOfflineRuleset(settings.offlineDefaults);
  return {
    settings,
    source,
    beacons,
    async evaluator(request, clientOnly, behind) {
      const current = await source.current(behind);
      const place = placeFor(request, settings.place);
      return {
        ruleset: current?.reader ?? offline,
        place,
        stale: source.stale(),
        offline: current === undefined,
        clientOnly,
        ...(beacons && {
          evaluated: (flags: number) => beacons.evaluated(flags),
          exposed: (flag: string, decision: Decision, context: Context) =>
            expose(beacons, place, behind, flag, decision, context),
        }),
      };
    },
  };
}

/** Of somebody, of a variation, out of a ruleset: nothing else was seen by anybody who could be counted. */
function expose(
  beacons: Beacons,
  place: Place,
  behind: Behind,
  flag: string,
  { revision, variation, reason, rule, version, errorCode }: Decision,
  context: Context,
): void {
  const key = userKey(context);
  if (key === undefined || variation === undefined || errorCode !== undefined || version === 0) {
    beacons.evaluated(1);
    return;
  }
  const time = Date.now();
  behind(
    beacons.expose({ flag, revision, variation, unitKey: key, reason, ...(rule && { rule }), version, ...place, time }),
  );
}

/** Undefined too where the context throws at whoever reads it. */
function userKey(context: Context): string | undefined {
  try {
    return unitKey(context, undefined);
  } catch {
    return undefined;
  }
}

/** The colo is the platform's word, not a header's: a caller cannot choose it. */
function placeFor(request: Request, place: Place): Place {
  const colo: unknown = (request as { cf?: { colo?: unknown } }).cf?.colo;
  return place.pop !== undefined || typeof colo !== 'string' ? place : { ...place, pop: colo.toLowerCase() };
}
