/** Whether a set of entries grows or shrinks by so much that it may be a mistake. Pure. */

export interface Size {
  readonly entries: number;
  /** Of all lines. */
  readonly bytes: number;
}

const LARGEST_SHARE = 0.3;
/** Changes of fewer entries, or of fewer bytes, never ask: in a small set every change is a large share. */
const FEWEST_ENTRIES = 5;
const FEWEST_BYTES = 2 * 1024;

/** What changes by too large a share, in words; undefined where nothing does. */
export function largeChange(before: Size, after: Size): string | undefined {
  if (isLarge(before.entries, after.entries, FEWEST_ENTRIES))
    return `from ${before.entries} to ${after.entries} entries`;
  if (isLarge(before.bytes, after.bytes, FEWEST_BYTES)) return `from ${before.bytes} to ${after.bytes} bytes`;
  return undefined;
}

function isLarge(before: number, after: number, fewest: number): boolean {
  const change = Math.abs(after - before);
  return change >= fewest && change > before * LARGEST_SHARE;
}
