/** So many requests over connections that stay open, each with one under way. */
import { connect } from 'node:net';

const CONNECTIONS = 32;

/** Requests in turn, again and again; resolves with the seconds that it took. */
export async function askOften(url: string, requests: readonly Buffer[], total: number): Promise<number> {
  const port = Number(new URL(url).port);
  const started = performance.now();
  let sent = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      oneAfterTheOther(port, () => (sent < total ? requests[sent++ % requests.length] : undefined)),
    ),
  );
  return (performance.now() - started) / 1_000;
}

function oneAfterTheOther(port: number, next: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const write = (): void => {
      const request = next();
      if (request !== undefined) socket.write(request);
      else socket.end(() => resolve());
    };
    socket.once('connect', write);
    socket.on('error', reject);
    socket.on('data', (answer) => {
      // Head and body of so short an answer come together.
      if (!answer.includes('HTTP/1.1 200')) return reject(new Error(answer.toString()));
      write();
    });
  });
}
