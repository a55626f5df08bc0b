/** Who does not have what a version needs (ADR 0020): by what they have, and not by whether they were heard just now. Pure. */
import { EXPECTED_MS } from '#schema/stream-limits';
import { expectedOf, placeOf } from './expected.ts';
import type { Heard } from './instance-board.ts';
import type { OfferNeeds } from './offer.ts';

export interface Behind {
  readonly places: readonly PlaceBehind[];
  /** Stores, by the publisher's word. */
  readonly targets: readonly string[];
}

/** How many of a place that are expected have less. */
export interface PlaceBehind {
  readonly region: string;
  readonly cloud: string;
  readonly instances: number;
  /** Some of them, with the code of what they have refused. */
  readonly names: readonly string[];
}

/** Places that are named, and instances of each. */
const MAX_PLACES = 100;
const MAX_NAMES = 5;

/** Undefined where everybody has it. Who has nothing at all can be given no older answer; it is brought to what everybody has. */
export function behindOf(heard: Iterable<Heard>, { version, targets }: OfferNeeds, now: number): Behind | undefined {
  const places = new Map<string, PlaceBehind>();
  for (const one of expectedOf([...heard], now)) {
    const { instance, region, cloud, version: has, error } = one.ack;
    if (has >= version || has === 0 || isGoneService(one, now)) continue;
    const { instances = 0, names = [] } = places.get(placeOf(one.ack)) ?? {};
    const name = error === undefined ? instance : `${instance} ${error.code}`;
    const more = names.length < MAX_NAMES ? [...names, name] : names;
    places.set(placeOf(one.ack), { region, cloud, instances: instances + 1, names: more });
  }
  if (places.size === 0 && targets.length === 0) return undefined;
  const inOrder = [...places].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, place]) => place);
  return { places: inOrder.slice(0, MAX_PLACES), targets };
}

/** That a place is dark is what relays and POPs are witness to: a service names its region itself, and may never be back. */
const isGoneService = ({ ack, heardAt }: Heard, now: number): boolean =>
  ack.kind === 'sdk' && now - heardAt >= EXPECTED_MS;
