/** Shares of a split, as `flags ramp` sets them: the rest of the flag stays as it is. */
import type { AuthoredFlag, AuthoredOutcome } from '#schema/authored';
import { CommandError } from '../command-error.ts';

export type Shares = ReadonlyMap<string, number>;

/** `v2=25`, several of them: percent by variation. */
export function sharesOf(texts: readonly string[]): Shares {
  const shares = new Map<string, number>();
  for (const text of texts) {
    const [, variation, percent] = /^([^=]+)=(\d{1,3}(?:\.\d{1,3})?)%?$/.exec(text) ?? [];
    if (variation === undefined || Number(percent) > 100)
      throw new CommandError(`${text}: a share is <variation>=<percent>, in steps of 0.001, as v2=25`);
    if (shares.has(variation)) throw new CommandError(`${variation} is there twice`);
    shares.set(variation, Number(percent));
  }
  return shares;
}

/** The merge patch of the flag's body: of its fallthrough or, where `rule` is given, of that rule. */
export function rampPatch(flag: AuthoredFlag, shares: Shares, rule?: string): object {
  const known = Object.keys(flag.variations ?? { on: true, off: false });
  const stranger = [...shares.keys()].find((variation) => !known.includes(variation));
  if (stranger !== undefined)
    throw new CommandError(`there is no variation ${stranger}: there are ${known.join(', ')}`);
  if (rule === undefined)
    return { fallthrough: { serve: null, split: split(flag.fallthrough, shares, 'fallthrough') } };
  const found = flag.rules.find(({ id }) => id === rule);
  if (found === undefined) {
    const ids = flag.rules.map(({ id }) => id).join(', ');
    throw new CommandError(`there is no rule ${rule}${ids === '' ? '' : `: there are ${ids}`}`);
  }
  const { serve: _serve, split: _split, ...rest } = found;
  const ramped = { ...rest, split: split(found, shares, `rule ${rule}`) };
  // A merge patch takes lists whole.
  return { rules: flag.rules.map((one) => (one.id === rule ? ramped : one)) };
}

function split({ serve, split: now }: AuthoredOutcome, shares: Shares, where: string): object {
  const rest = now?.rest ?? (serve as string);
  if (shares.has(rest))
    throw new CommandError(`${rest} is what the rest of ${where} gets: it follows from the shares of the others`);
  const weights: Record<string, number> = { ...now?.weights, ...Object.fromEntries(shares) };
  const sum = Object.values(weights).reduce((total, one) => total + one, 0);
  if (sum > 100 + 1e-9) throw new CommandError(`the shares of ${where} come to ${sum} %`);
  return { by: now?.by ?? 'user', rest, weights };
}
