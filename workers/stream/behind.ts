/** Who does not have what a version needs (ADR 0019): by what they have, and not by whether they were heard just now. Pure. */
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
}

/** Places that are named. */
const MAX_PLACES = 100;

/** Undefined where everybody has it. */
export function behindOf(heard: Iterable<Heard>, { version, targets }: OfferNeeds, now: number): Behind | undefined {
  const places = new Map<string, PlaceBehind>();
  for (const { ack } of expectedOf([...heard], now)) {
    if (ack.version >= version) continue;
    const { region, cloud } = ack;
    const { instances = 0 } = places.get(placeOf(ack)) ?? {};
    places.set(placeOf(ack), { region, cloud, instances: instances + 1 });
  }
  if (places.size === 0 && targets.length === 0) return undefined;
  const inOrder = [...places].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, place]) => place);
  return { places: inOrder.slice(0, MAX_PLACES), targets };
}
