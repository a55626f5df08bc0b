/** Who has to have what is in force before it is so everywhere. Pure. */
import { EXPECTED_MS, REMEMBERED_MS } from '#schema/stream-limits';
import type { Heard } from './instance-board.ts';

/** Whoever was heard lately. Of a place where nobody was, all who were within a day: it is dark, which is not to be gone. */
export function expectedOf(all: readonly Heard[], now: number): readonly Heard[] {
  const isLate = ({ heardAt }: Heard): boolean => now - heardAt >= EXPECTED_MS;
  const lit = new Set(all.filter((one) => !isLate(one)).map(({ ack }) => placeOf(ack)));
  const isKnown = ({ heardAt }: Heard): boolean => now - heardAt < REMEMBERED_MS;
  return all.filter((one) => !isLate(one) || (isKnown(one) && !lit.has(placeOf(one.ack))));
}

export const placeOf = ({ region, cloud }: { readonly region: string; readonly cloud: string }): string =>
  JSON.stringify([region, cloud]);
