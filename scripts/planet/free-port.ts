/** Starts a server on the port that it would like to have or, where somebody has it, on any that is free (0). */
export async function onFreePort<T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(preferred);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'EADDRINUSE' && code !== 'ERR_ADDRESS_IN_USE') throw error;
    return start(0);
  }
}
