/** Time as an emitter needs it. */
export interface EmitterClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something once, after so many milliseconds; what it returns calls that off. */
  after(ms: number, run: () => void): () => void;
}

/** Whether some work came to its end within so many milliseconds. */
export function within(clock: EmitterClock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.then(() => resolve(true), reject).finally(cancel);
  });
}
