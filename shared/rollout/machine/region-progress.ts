/** Which regions do not serve yet what they are to serve. */
import type { Rollout } from '#schema/rollout';
import { DEFAULT_LEASE_MINUTES } from '#schema/rollout-limits';
import type { RegionSeen } from './input.ts';
import type { Serving } from './state.ts';

/** A region that has to have it, and that nobody has seen, is missing as well. */
export function missingRegions(
  { regions: wanted }: Rollout,
  { version }: Serving,
  seen: readonly RegionSeen[],
): readonly string[] {
  const has = new Set(seen.filter((one) => version !== null && one.version >= version).map(({ region }) => region));
  return requiredRegions(wanted, seen).filter((region) => !has.has(region));
}

/** Those that still serve the exposed variation: not those that serve control since nothing was heard for the length of a lease. */
export function missingAtRollback(plan: Rollout, serving: Serving, seen: readonly RegionSeen[]): readonly string[] {
  const leaseMs = leaseOf(plan);
  const missing = missingRegions(plan, serving, seen);
  if (leaseMs === null) return missing;
  const silent = new Set(seen.filter((one) => one.silentMs >= leaseMs).map(({ region }) => region));
  return missing.filter((region) => !silent.has(region));
}

export const knowsNoRegion = ({ regions }: Rollout, seen: readonly RegionSeen[]): boolean =>
  requiredRegions(regions, seen).length === 0;

const requiredRegions = (wanted: Rollout['regions'], seen: readonly RegionSeen[]): readonly string[] =>
  wanted === 'all' ? [...new Set(seen.map(({ region }) => region))] : wanted;

/** Null: what was heard last is served for ever. */
export const leaseOf = ({ onStale, leaseMinutes = DEFAULT_LEASE_MINUTES }: Rollout): number | null =>
  onStale === 'control' ? leaseMinutes * 60_000 : null;
