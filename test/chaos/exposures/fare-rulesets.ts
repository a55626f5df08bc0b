/** The marketplace twice: as it is, and with the fares' share at a half. */
import { type Compiled, compile } from '#ruleset/write/compile';
import type { Authored } from '#schema/authored';
import { authoredMarketplace, compiledMarketplace } from '../../unit/fixtures/marketplace.ts';

export const FARES = 'pricing.fareBundlingV2';
export const MARKUP = 'pricing.dynamicMarkup';

export function fareRulesets(): readonly [Compiled, Compiled] {
  const first = compiledMarketplace();
  const authored = authoredMarketplace();
  const fares = authored.flags[FARES] as Authored['flags'][string];
  if (!('split' in fares.fallthrough)) throw new Error(`${FARES} has no split to widen`);
  const fallthrough = { split: { ...fares.fallthrough.split, weights: { v2: 50 } } };
  const changed = { ...authored, flags: { ...authored.flags, [FARES]: { ...fares, fallthrough } } } as Authored;
  const second = compile(changed, first.entries, 2);
  if (!second.ok) throw new Error(JSON.stringify(second.error));
  return [first, second.value];
}
