/** How long an inbox lets others alone that fail: pure. */
const BASE_MS = 500;
const CAP_MS = 30_000;

/** After so many failures in a row: exponential, with half of it jitter; none where nothing failed. In milliseconds. */
export const backoff = (failures: number, random: number): number =>
  failures === 0 ? 0 : Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1)) * (0.5 + random / 2);
