/** Many clients of a stream that only count: sockets that share one buffer. */
import { connect, type Socket } from 'node:net';

export interface OpenStreams {
  /** Waits until every one of them got another event of a ruleset. */
  everybodyTold(): Promise<void>;
  close(): void;
}

/** Not all at once: a server sends away who comes too fast, and the kernel forgets those for whom it has no room. */
const AT_ONCE = 200;
const PAUSE_MS = 250;
const MARK = Buffer.from('event: ruleset');
const DEADLINE_MS = 120_000;

export async function openStreams(url: string, count: number): Promise<OpenStreams> {
  const port = Number(new URL(url).port);
  const sockets: Socket[] = [];
  let [heads, told, expected] = [0, 0, 0];
  let broken: Error | undefined;

  function open(at: number): Socket {
    const buffer = Buffer.allocUnsafeSlow(4_096);
    let isOpen = false;
    const seen = (bytes: number): boolean => {
      const chunk = buffer.subarray(0, bytes);
      if (!isOpen && chunk.includes('HTTP/1.1 ')) {
        if (!chunk.includes('HTTP/1.1 200')) throw new Error(`no stream: ${chunk.toString()}`);
        isOpen = true;
        heads++;
      }
      if (chunk.includes(MARK)) told++;
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback: seen } });
    socket.on('error', (error) => {
      broken ??= new Error(`stream ${at} of ${count}: ${error.message}`);
    });
    socket.write(
      `GET /v1/stream HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer server\r\nlockstep-instance: bench-${at}\r\n\r\n`,
    );
    return socket;
  }

  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const end = Date.now() + DEADLINE_MS;
    while (!isSo()) {
      if (broken !== undefined) throw broken;
      if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
      await pause(2);
    }
  };
  for (let at = 0; at < count; at++) {
    sockets.push(open(at));
    if (at % AT_ONCE !== AT_ONCE - 1) continue;
    await pause(PAUSE_MS);
    await until('those before are open', () => heads === at + 1);
  }
  await until('all are open', () => heads === count);
  // Whatever they were sent at first counts for nothing.
  await pause(1_000);
  expected = told;

  return {
    async everybodyTold() {
      expected += count;
      await until('all are told', () => told >= expected);
    },
    close: () => sockets.forEach((socket) => void socket.destroy()),
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
