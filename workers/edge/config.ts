/** The Worker's settings, parsed once an isolate from its bindings. Faults are named all at once, and none is guessed around. */
import type { Place } from '#core/context';
import type { KeyRecord } from '#http/sdk-keys';
import type { PublicJwk } from '#ruleset/web-crypto';

export interface EdgeConfig {
  readonly environment: string;
  /** Where this Worker runs; `pop` is the colo that serves the request where it is not set. */
  readonly place: Place;
  /** Keys that rulesets may be signed with. */
  readonly publicKeys: readonly PublicJwk[];
  readonly sdkKeys: readonly KeyRecord[];
  /** After this long a request has the ruleset revalidated behind it (milliseconds). */
  readonly revalidateAfterMs: number;
  /** Without word from the store for this long, answers say STALE, and a request waits for one bounded refresh (milliseconds). */
  readonly staleAfterMs: number;
}

/** Bindings as they come: text, or nothing. */
export interface EdgeVars {
  readonly ENVIRONMENT?: string;
  readonly REGION?: string;
  readonly CLOUD?: string;
  readonly POP?: string;
  readonly PUBLIC_KEYS?: string;
  readonly SDK_KEYS?: string;
  readonly REVALIDATE_AFTER_MS?: string;
  readonly STALE_AFTER_MS?: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function parseConfig(vars: EdgeVars): EdgeConfig {
  const faults: string[] = [];
  const list = <T>(name: 'PUBLIC_KEYS' | 'SDK_KEYS'): readonly T[] => {
    const parsed = parseList<T>(vars[name]);
    if (parsed === undefined) faults.push(`${name} must be a JSON list`);
    return parsed ?? [];
  };
  const milliseconds = (name: 'REVALIDATE_AFTER_MS' | 'STALE_AFTER_MS', otherwise: number): number => {
    const number = vars[name] === undefined ? otherwise : Number(vars[name]);
    if (!(number >= 0)) faults.push(`${name} must be a number of milliseconds`);
    return number;
  };
  if (!vars.ENVIRONMENT) faults.push('ENVIRONMENT must be set');
  const config: EdgeConfig = {
    environment: vars.ENVIRONMENT ?? '',
    place: placeOf(vars),
    publicKeys: list<PublicJwk>('PUBLIC_KEYS'),
    sdkKeys: list<KeyRecord>('SDK_KEYS'),
    revalidateAfterMs: milliseconds('REVALIDATE_AFTER_MS', 5_000),
    staleAfterMs: milliseconds('STALE_AFTER_MS', 60_000),
  };
  if (faults.length > 0) throw new ConfigError(faults.join('; '));
  return config;
}

function parseList<T>(json: string | undefined): readonly T[] | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? (value as T[]) : undefined;
  } catch {
    return undefined;
  }
}

const placeOf = ({ REGION, CLOUD, POP }: EdgeVars): Place => ({
  ...(REGION && { region: REGION }),
  ...(CLOUD && { cloud: CLOUD }),
  ...(POP && { pop: POP }),
});
