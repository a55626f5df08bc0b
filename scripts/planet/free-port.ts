/** The port that one would like to have, or where it is taken any that is free. */
import { createServer } from 'node:net';

export async function freePort(preferred: number): Promise<number> {
  return (await isFree(preferred)) ? preferred : 0;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
