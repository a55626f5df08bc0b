/**
 * Runs events that are nobody's in a new room: what the harness's own modules do for the first time there, a compiler's work, is not to be
 * counted as the EdgeWorker's. On the platform they are native.
 */
import type { EventInput } from '../event.ts';
import { runEvent } from './event-run.ts';
import type { Instance, InstanceOptions } from './instance.ts';
import type { Room } from './room.ts';
import type { Network } from './sub-requests.ts';
import type { Turn } from './turn.ts';

const INPUT: EventInput = {
  request: {
    method: 'GET',
    scheme: 'https',
    host: 'www.example.com',
    path: '/',
    query: 'a=b',
    headers: [['Cookie', 'a=b']],
    clientIp: '192.0.2.1',
    cpCode: 0,
    userLocation: null,
    device: null,
    variables: { PMUSER_WARM: '' },
  },
  response: { status: 200, headers: [] },
};

const network: Network = {
  send(_request, listener) {
    setImmediate(() => {
      listener.head(200, [['Content-Type', 'text/plain']]);
      listener.chunk(Buffer.from('warm'));
      listener.end();
    });
    return { abort: () => undefined };
  },
};

const NOBODY: Turn = {
  event: undefined,
  now: 0,
  enter: () => undefined,
  log: () => undefined,
  openSubRequest: () => '',
  sendSubRequest: () => undefined,
};

const ROUNDS = 2;
const EMPTY_TURNS = 5;

/** Resolves with the CPU time, in milliseconds, that a turn takes in which nothing happens: letting code in and watching over it. */
export async function warmUp(room: Room, { limits, machine, meter, now }: InstanceOptions): Promise<number> {
  const { namespace } = await room.modules.loadOwn('warm-up.ts');
  const instance: Instance = {
    ...room,
    ordinal: 0,
    emptyTurnMs: 0,
    init: { cpuMs: 0, wallMs: 0, heldBytes: 0 },
    namespace: namespace as Readonly<Record<string, unknown>>,
    keptBytes: 0,
    events: 0,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const event of ['onClientRequest', 'onClientResponse'] as const) {
      const cpuSlack = Number.POSITIVE_INFINITY;
      const { report } = await runEvent({
        event,
        input: INPUT,
        now,
        instance,
        limits,
        cpuSlack,
        machine,
        meter,
        network,
      });
      if (report.status !== 'Success') throw new Error(`warming up: ${report.status}: ${report.statusMessage}`);
    }
  }
  const empty = Array.from({ length: EMPTY_TURNS }, () => room.enter(NOBODY, () => undefined, 1_000).cpuMs);
  return Math.min(...empty);
}
