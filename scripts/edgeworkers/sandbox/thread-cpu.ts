/** CPU time of this thread, to the microsecond. */

const never = new Int32Array(new SharedArrayBuffer(4));

/** In milliseconds, from some point on. */
export function threadCpuMs(): number {
  // Linux brings a thread's account up to date when the thread leaves the CPU or at a tick, every 4 ms: so it leaves it for a moment.
  Atomics.wait(never, 0, 0, 0.02);
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
