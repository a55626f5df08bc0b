/** What is asked of the board. Empty parameters are none; unknown ones are refused, as a misspelt one would ask about everybody. */
import type { InstanceKind } from '#schema/acks';
import { ok, type Result, refused } from '#schema/result';
import { INSTANCE_PATTERN, LOCATION_PATTERN } from '#schema/stream-limits';

export interface ConvergenceQuery {
  readonly version?: number;
  readonly region?: string;
  readonly kind?: InstanceKind;
  readonly limit: number;
  /** The last instance of the page before. */
  readonly cursor?: string;
}

const PARAMETERS = ['version', 'region', 'kind', 'limit', 'cursor'];
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
/** Of an unknown parameter's name. */
const MAX_SHOWN = 60;

/** Refused with the parameter to mend. */
export function readConvergenceQuery(query: URLSearchParams): Result<ConvergenceQuery, string> {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    return refused(`"${unknown.slice(0, MAX_SHOWN)}" is no parameter; there are ${PARAMETERS.join(', ')}`);
  }
  const given = (name: string): string | undefined => query.get(name) || undefined;
  const [version, region, kind, cursor] = [given('version'), given('region'), given('kind'), given('cursor')];
  const limit = wholeOf(given('limit') ?? String(DEFAULT_PAGE)) ?? 0;
  const asked = version === undefined ? undefined : wholeOf(version);
  if (version !== undefined && asked === undefined) return refused('version must be a whole number');
  if (region !== undefined && !LOCATION_PATTERN.test(region)) return refused('region must be the name of one');
  if (kind !== undefined && !isKind(kind)) return refused('kind must be relay, sdk or pop');
  if (limit < 1 || limit > MAX_PAGE) return refused(`limit must be from 1 to ${MAX_PAGE}`);
  if (cursor !== undefined && !INSTANCE_PATTERN.test(cursor)) return refused('cursor must be the "next" of a page');
  return ok({
    ...(asked !== undefined && { version: asked }),
    ...(region !== undefined && { region }),
    ...(kind !== undefined && { kind }),
    limit,
    ...(cursor !== undefined && { cursor }),
  });
}

const wholeOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

const isKind = (text: string): text is InstanceKind => text === 'relay' || text === 'sdk' || text === 'pop';
