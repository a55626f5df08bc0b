/** After how long code that does not let go is stopped, in milliseconds of the wall: far above any budget, even on a busy machine. */
export const runawayMs = (cpuLimitMs: number): number => Math.max(1_000, 25 * cpuLimitMs);
