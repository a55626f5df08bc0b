/** Rejects where work takes longer. That it may end after all is to do no harm. */
export const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    const done = (): void => clearTimeout(timer);
    work.finally(done).then(resolve, reject);
  });
