/** Which decisions are exposures: those of somebody, of a variation, out of a ruleset. Nothing else was seen by anybody who could be counted. */
import { type Context, unitKey } from '#core/context';
import type { Decision } from '#core/decision';
import type { ServedEvent } from './telemetry.ts';

export function servedEvent(
  flag: string,
  { revision, variation, reason, rule, version, errorCode }: Decision,
  context: Context,
  time: number,
): ServedEvent | undefined {
  if (variation === undefined || errorCode !== undefined || version === 0) return undefined;
  const key = userKey(context);
  if (key === undefined) return undefined;
  const { place } = context;
  return {
    type: 'served',
    ...{ flag, revision, variation, unitKey: key, reason },
    ...(rule && { rule }),
    version,
    ...place,
    time,
  };
}

/** Undefined too where the context throws at whoever reads it. */
export function userKey(context: Context): string | undefined {
  try {
    return unitKey(context, undefined);
  } catch {
    return undefined;
  }
}
