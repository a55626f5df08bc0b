import { type AddressInfo, createServer } from 'node:net';

/** Starts a server on the port that it would like to have or, where somebody has it, on any that is free (0). */
export async function onFreePort<T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> {
  // A process that starts only to find its port taken has cost as much as one that stays.
  if (!(await isFree(preferred))) return start(0);
  try {
    return await start(preferred);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'EADDRINUSE' && code !== 'ERR_ADDRESS_IN_USE') throw error;
    return start(0);
  }
}

const isFree = (port: number): Promise<boolean> =>
  freePort(port).then(
    () => true,
    () => false,
  );

/** A port of loopback that nobody has now: that one, or any where it is 0. Rejects with EADDRINUSE where somebody has it. */
export function freePort(wanted: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
