/** The ways from emitters to ingest, and what happens on them: beacons are lost, come twice, overtake one another, and are answered in vain. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDice } from '../../../scripts/planet/traffic/dice.ts';
import type { Ingest } from '../../e2e/fixtures/edge-process.ts';

export interface WayCounts {
  beacons: number;
  twice: number;
  held: number;
  lost: number;
  unanswered: number;
  /** Where the way was cut, or nobody was at its end. */
  refused: number;
}

export interface RoughWays {
  readonly counts: WayCounts;
  /** The address for the emitter with that number. */
  urlOf(emitter: number): string;
  /** The same without a socket. */
  take(way: string): Ingest;
  cut(ways: readonly string[]): void;
  /** All of it as it should be, from now on. */
  heal(): void;
  close(): Promise<void>;
}

export interface RoughOptions {
  readonly seed: number;
  /** Names of the emitters' ways, in their order. */
  readonly names: readonly string[];
  readonly ingest: Ingest;
  passed(emitter: number, body: Uint8Array, isZipped: boolean): void;
}

const TWICE = 0.3;
const HELD = 0.1;
const MAX_HELD_MS = 1_000;
const LOST = 0.01;
const UNANSWERED = 0.02;
/** How much later a beacon comes a second time. */
const MAX_LATER_MS = 2_000;

export async function openRoughWays({ seed, names, ingest, passed }: RoughOptions): Promise<RoughWays> {
  const dice = createDice(seed);
  const counts: WayCounts = { beacons: 0, twice: 0, held: 0, lost: 0, unanswered: 0, refused: 0 };
  const later = new Set<Promise<unknown>>();
  let cut: readonly string[] = [];
  let isHealed = false;
  const happens = (share: number): boolean => dice.chance(share) && !isHealed;

  const refused = (): Response => {
    counts.refused++;
    return new Response(null, { status: 503 });
  };

  const take =
    (way: string): Ingest =>
    async (path, beacon) => {
      counts.beacons++;
      if (cut.includes(way)) return refused();
      if (happens(HELD)) {
        counts.held++;
        await sleep(dice.int(MAX_HELD_MS));
      }
      if (happens(LOST)) {
        counts.lost++;
        return new Response(null, { status: 503 });
      }
      const answer = await ingest(path, beacon).catch(refused);
      if (happens(TWICE)) again(path, beacon);
      if (!happens(UNANSWERED)) return answer;
      counts.unanswered++;
      return new Response(null, { status: 500 });
    };

  function again(...beacon: Parameters<Ingest>): void {
    counts.twice++;
    const one: Promise<unknown> = sleep(dice.int(MAX_LATER_MS))
      .then(() => ingest(...beacon))
      .then((response) => response.arrayBuffer())
      .catch(() => undefined)
      .finally(() => later.delete(one));
    later.add(one);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, number = '', ...rest] = (request.url ?? '').split('/');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const encoding = request.headers['content-encoding'];
    passed(Number(number), body, encoding === 'gzip');
    const headers = new Headers({
      'content-type': 'application/json',
      ...(encoding && { 'content-encoding': encoding }),
    });
    const given = await take(names[Number(number)] as string)(`/${rest.join('/')}`, { headers, body });
    const text = await given.text();
    response.writeHead(given.status, { 'content-type': 'application/json' }).end(text);
  }

  const server: Server = createServer((request, response) => {
    // An emitter that was killed in the middle needs no answer.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    counts,
    urlOf: (emitter) => `http://127.0.0.1:${port}/${emitter}`,
    take,
    cut: (ways) => {
      cut = ways;
    },
    heal: () => {
      cut = [];
      isHealed = true;
    },
    async close() {
      await Promise.all(later);
      server.closeAllConnections();
      server.close();
    },
  };
}
