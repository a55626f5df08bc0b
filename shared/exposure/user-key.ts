import { type Context, unitKey } from '#core/context';

/** Whom exposures are of. Undefined too where the context throws at whoever reads it. */
export function userKey(context: Context): string | undefined {
  try {
    return unitKey(context, undefined);
  } catch {
    return undefined;
  }
}
