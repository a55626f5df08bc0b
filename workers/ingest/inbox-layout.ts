/** Which inbox takes an exposure: always the same one, so that a duplicate meets its first. */
import { xxh32 } from '#core/xxh32';
import type { Outcome } from '#exposure/exposure';

interface Layout {
  /** It holds for exposures of this revision and of later ones, up to the next layout. */
  readonly fromRevision: number;
  readonly inboxes: number;
}

/**
 * To have more inboxes, append a layout that starts above every revision published so far, and then publish. An exposure's id
 * holds its revision, so that whatever has the same id goes by the same layout, before the change and after it. Never edit or
 * remove one.
 */
export const LAYOUTS: readonly Layout[] = [{ fromRevision: 0, inboxes: 4 }];

export function inboxOf(unit: string, revision: number, layouts: readonly Layout[] = LAYOUTS): number {
  let inboxes = 1;
  for (const layout of layouts) if (layout.fromRevision <= revision) inboxes = layout.inboxes;
  return among(inboxes, unit);
}

/** Which inbox keeps an emitter's ledger. An emitter has no revision: the first layout holds forever. */
export const inboxOfEmitter = (emitter: string, layouts: readonly Layout[] = LAYOUTS): number =>
  among(layouts[0]?.inboxes ?? 1, emitter);

/** Which inbox keeps an outcome, which has no revision either. */
export const inboxOfOutcome = ({ unit }: Pick<Outcome, 'unit'>, layouts: readonly Layout[] = LAYOUTS): number =>
  among(layouts[0]?.inboxes ?? 1, unit);

/** Every inbox that may hold something. */
export const allInboxes = (layouts: readonly Layout[] = LAYOUTS): number[] => [
  ...new Array(Math.max(1, ...layouts.map(({ inboxes }) => inboxes))).keys(),
];

const among = (inboxes: number, key: string): number => (xxh32(key, 0) >>> 0) % inboxes;
