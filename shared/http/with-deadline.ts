/** Waits for work no longer than `milliseconds`; undefined where that was not enough. The work is told, and may come to an end later. */
export async function withDeadline<T>(
  milliseconds: number,
  work: (patience: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const patience = new AbortController();
  const givenUp = new Promise<undefined>((resolve) => {
    patience.signal.addEventListener('abort', () => resolve(undefined));
  });
  const timer = setTimeout(() => patience.abort(), milliseconds);
  try {
    return await Promise.race([work(patience.signal), givenUp]);
  } finally {
    clearTimeout(timer);
  }
}
