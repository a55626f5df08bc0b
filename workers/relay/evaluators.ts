/** What a request is evaluated with: the ruleset in force or, where there is none to go by, defaults. */
import type { Place } from '#core/context';
import type { Emitter } from '#exposure/emitter';
import type { Evaluator } from '#http/ofrep-reply';
import { callerOf, type KeyRecord } from '#http/sdk-keys';
import type { DecisionCounter } from './decision-counts.ts';
import type { FlagDefaults } from './flag-defaults.ts';
import type { HeldCache } from './held.ts';

export interface RelayEvaluator extends Evaluator {
  /** How long ago home last gave or confirmed the ruleset (milliseconds); undefined before it ever did. */
  readonly ageMs: number | undefined;
}

export interface EvaluatorsOptions {
  readonly rulesets: HeldCache;
  readonly defaults: FlagDefaults;
  /** Whether a ruleset is served though home was silent for too long. */
  readonly staleIfError: boolean;
  readonly place: Place;
  readonly counter: DecisionCounter;
  /** Where exposures of what is evaluated here go; undefined where they go nowhere. */
  readonly emitter?: Pick<Emitter, 'exposed' | 'evaluated'> | undefined;
}

export type EvaluatorFor = (record: KeyRecord) => RelayEvaluator;

export function createEvaluators(options: EvaluatorsOptions): EvaluatorFor {
  const { rulesets, defaults, staleIfError, place, counter, emitter } = options;
  return (record) => {
    const current = rulesets.current();
    const { ageMs, stale } = rulesets.status();
    const seen = { ...callerOf(record), place, ageMs };
    if (current === undefined) {
      return { ...seen, ...counting(0), ruleset: defaults.offline, digest: defaults.digest, stale, offline: true };
    }
    const { reader, claims } = current;
    if (!stale || staleIfError) {
      return { ...seen, ...counting(claims.version), ruleset: reader, digest: claims.sha256, stale, offline: false };
    }
    const digest = `defaults ${claims.sha256}`;
    return { ...seen, ...counting(0), ruleset: defaults.behind(reader), digest, stale: false, offline: true };
  };

  function counting(version: number): Required<Pick<Evaluator, 'exposed' | 'evaluated'>> {
    return {
      exposed(flag, decision, context) {
        counter.made(1, version);
        emitter?.exposed(flag, decision, context);
      },
      evaluated(flags) {
        counter.made(flags.length, version);
        emitter?.evaluated(flags.length);
      },
    };
  }
}
