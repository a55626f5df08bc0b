/** What is served before any ruleset was ever received: each flag's declared offline default, the same for everybody. */
import type { Decision, JsonValue } from '#core/decision';
import type { Flag, Ruleset } from '#core/flag';

export interface OfflineDefault {
  readonly variation: string;
  readonly value: JsonValue;
  readonly visibility: 'server' | 'client';
}

/** In `metadata.warning` of decisions that no ruleset stands behind. */
export const NO_RULESET = 'NO_RULESET';

/** A ruleset of version 0 that holds the defaults, and nothing else. */
export function createOfflineRuleset(defaults: ReadonlyMap<string, OfflineDefault>): Ruleset {
  const flags = new Map([...defaults].map(([key, one]): [string, Flag] => [key, flagOf(one)]));
  const keys = [...flags.keys()].sort();
  return { version: 0, flags, firstUse: () => undefined, flagKeys: () => keys };
}

const flagOf = ({ variation, value, visibility }: OfflineDefault): Flag => ({
  client: visibility === 'client',
  constant: Object.freeze({
    value,
    variation,
    reason: 'DEFAULT',
    rule: undefined,
    revision: 0,
    version: 0,
    metadata: Object.freeze({ warning: NO_RULESET }),
  } satisfies Decision),
});
