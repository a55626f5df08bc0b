/**
 * What flags serve where there is no ruleset to go by: the variation that `flagDefaults` names, or else the flag's declared default. A name is
 * no value: that comes from the last known ruleset, or from what is bundled (`lockstep defaults`). One whose value nobody knows has none,
 * and the caller's own default applies (OFREP, ADR-0006).
 */
import type { JsonValue } from '#core/decision';
import type { Ruleset } from '#core/flag';
import { createOfflineRuleset, type OfflineDefault } from '#ruleset/offline';
import type { RulesetReader } from '#ruleset/reader';
import { BOOLEANS } from '#schema/booleans';

export interface FlagDefaults {
  /** Before any ruleset was received. */
  readonly offline: Ruleset;
  /** Names the content of `offline`. */
  readonly digest: string;
  /** Flags whose default has no value that is known before there is a ruleset. */
  readonly withoutValue: readonly string[];
  /** In the place of a ruleset that is too old to be served. */
  behind(reader: RulesetReader): Ruleset;
}

export function createFlagDefaults(
  named: Readonly<Record<string, string>>,
  bundled: ReadonlyMap<string, OfflineDefault>,
): FlagDefaults {
  const isKnown = ([key, variation]: readonly [string, string]): boolean => bundled.get(key)?.variation === variation;
  const withoutValue = Object.entries(named).flatMap((one) => (isKnown(one) ? [] : [one[0]]));
  const known = new Map([...bundled].filter(([key]) => !withoutValue.includes(key)));
  const made = new WeakMap<RulesetReader, Ruleset>();
  return {
    offline: createOfflineRuleset(known),
    digest: `offline ${JSON.stringify([...known])}`,
    withoutValue,
    behind(reader) {
      const before = made.get(reader) ?? createOfflineRuleset(defaultsIn(reader, named));
      made.set(reader, before);
      return before;
    },
  };
}

/** Of every flag that there is; those that declare nothing to serve have none. */
function defaultsIn(
  reader: RulesetReader,
  named: Readonly<Record<string, string>>,
): ReadonlyMap<string, OfflineDefault> {
  const keys = reader.flagKeys();
  return new Map(
    keys.flatMap((key): [string, OfflineDefault][] => {
      const one = defaultOf(JSON.parse(reader.line(key) as string), named[key]);
      return one === undefined ? [] : [[key, one]];
    }),
  );
}

/** As much of a flag's entry as is read here: it was decoded before. */
interface FlagEntry {
  readonly v?: readonly (readonly [name: string, value: JsonValue, id: string])[];
  /** The offline default's index, the off variation's, and whether clients may see the flag. */
  readonly d?: number;
  readonly o?: number;
  readonly n?: number;
}

function defaultOf({ v = BOOLEANS, d, o, n }: FlagEntry, named: string | undefined): OfflineDefault | undefined {
  const found = v.find(([name]) => name === named) ?? v[d ?? o ?? -1];
  return found && { variation: found[0], value: found[1], visibility: n === 1 ? 'client' : 'server' };
}
