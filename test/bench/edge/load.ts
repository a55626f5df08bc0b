/**
 * Sends requests over connections that stay open: each connection has one request under way, and sends the next when the answer is
 * there. HTTP/1.1 by hand, for a driver that costs more than the server would leave the server waiting.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** How many requests are under way at a time. */
const CONNECTIONS = 16;

export interface Connection {
  ask(request: string): Promise<Answer>;
  close(): void;
}

/** Sends so many requests, taken from the list in turn; throws where one is not answered with 200. */
export async function sendLoad(port: number, requests: readonly string[], count: number): Promise<void> {
  // New ones each time: workerd closes a connection on which nothing comes for 5 s.
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  let sent = 0;
  const sendOver = async ({ ask }: Connection): Promise<void> => {
    while (sent < count) {
      const { status, body } = await ask(requests[sent++ % requests.length] as string);
      if (status !== 200) throw new Error(`${status}: ${body}`);
    }
  };
  await Promise.all(connections.map(sendOver));
  for (const { close } of connections) close();
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = await connected(port);
  let received = '';
  let settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  // A character a byte: lengths are in bytes.
  socket.setEncoding('latin1');
  socket.setNoDelay(true);
  socket.on('data', (chunk: string) => {
    received += chunk;
    const answer = answerIn(received);
    if (answer === undefined) return;
    received = '';
    settle?.resolve(answer);
  });
  socket.on('error', (error) => settle?.reject(error));
  socket.on('close', () => settle?.reject(new Error('the server closed the connection')));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request, 'latin1');
      }),
    close: () => socket.destroy(),
  };
}

const connected = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
  });

/** Undefined until all of it is there. */
function answerIn(received: string): Answer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  if (Number.isNaN(length)) throw new Error(`no content-length: ${head}`);
  if (received.length < end + 4 + length) return undefined;
  return { status: Number(head.slice(9, 12)), head, body: received.slice(end + 4) };
}

/** The bytes of a POST of JSON, as an SDK sends it. */
export function postRequest(path: string, key: string, body: object): string {
  const json = JSON.stringify(body);
  return [
    `POST ${path} HTTP/1.1`,
    'host: edge.example',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    'accept: application/json',
    'user-agent: openfeature-ofrep/0.1.4',
    `content-length: ${json.length}`,
    '',
    json,
  ].join('\r\n');
}
