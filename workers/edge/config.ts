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
  const list = <T>(
    name: 'PUBLIC_KEYS' | 'SDK_KEYS',
    isOne: (value: unknown) => value is T,
    form: string,
  ): readonly T[] => {
    const parsed = parseList(vars[name]);
    if (parsed?.every(isOne)) return parsed;
    faults.push(`${name} must be a JSON list of ${form}`);
    return [];
  };
  const milliseconds = (name: 'REVALIDATE_AFTER_MS' | 'STALE_AFTER_MS', otherwise: number): number => {
    const text = vars[name];
    if (text === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(text)) faults.push(`${name} must be a whole number of milliseconds`);
    return Number(text);
  };
  if (!vars.ENVIRONMENT) faults.push('ENVIRONMENT must be set');
  const config: EdgeConfig = {
    environment: vars.ENVIRONMENT ?? '',
    place: placeOf(vars),
    publicKeys: list('PUBLIC_KEYS', isPublicJwk, '{kid, kty: "EC", crv: "P-256", x, y}'),
    sdkKeys: list('SDK_KEYS', isKeyRecord, '{sha256, kind: "server" | "client" | "relay"}'),
    revalidateAfterMs: milliseconds('REVALIDATE_AFTER_MS', 5_000),
    staleAfterMs: milliseconds('STALE_AFTER_MS', 60_000),
  };
  if (faults.length > 0) throw new ConfigError(faults.join('; '));
  return config;
}

function parseList(json: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isBase64url = (value: unknown, length: number): boolean =>
  typeof value === 'string' && value.length === length && /^[\w-]+$/.test(value);

const isPublicJwk = (value: unknown): value is PublicJwk =>
  isFields(value) &&
  typeof value['kid'] === 'string' &&
  value['kty'] === 'EC' &&
  value['crv'] === 'P-256' &&
  isBase64url(value['x'], 43) &&
  isBase64url(value['y'], 43);

const isKeyRecord = (value: unknown): value is KeyRecord =>
  isFields(value) && isBase64url(value['sha256'], 43) && ['server', 'client', 'relay'].includes(String(value['kind']));

const placeOf = ({ REGION, CLOUD, POP }: EdgeVars): Place => ({
  ...(REGION && { region: REGION }),
  ...(CLOUD && { cloud: CLOUD }),
  ...(POP && { pop: POP }),
});
