/**
 * Runs events that are nobody's in a new room: what the harness's own modules do for the first time there, a compiler's work, is not to be
 * counted as the EdgeWorker's. On the platform they are native.
 */
import type { EventInput } from '../event.ts';
import { TIERS } from '../tiers.ts';
import { runEvent } from './event-run.ts';
import type { Instance, InstanceOptions } from './instance.ts';
import type { Meter } from './meter.ts';
import type { Room } from './room.ts';
import type { Network } from './sub-requests.ts';

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

const NOTHING = { cpuMs: 0, wallMs: 0, before: 0, after: 0, peak: 0 };
const ROUNDS = 2;

/** Nobody wants to know what it takes. */
const meter: Meter = {
  measure(act) {
    try {
      return { result: { value: act() }, ...NOTHING };
    } catch (error) {
      return { result: { error }, ...NOTHING };
    }
  },
  used: () => 0,
  usedFully: () => 0,
};

const unbound = { limits: TIERS.enterprise, meter, emptyTurnMs: 0, cpuSlack: Number.POSITIVE_INFINITY };

export async function warmUp(room: Room, { machine, now }: InstanceOptions): Promise<void> {
  const { namespace } = await room.modules.loadOwn('warm-up.ts');
  const instance: Instance = {
    ...room,
    ordinal: 0,
    init: { cpuMs: 0, wallMs: 0, heldBytes: 0 },
    namespace: namespace as Readonly<Record<string, unknown>>,
    keptBytes: 0,
    events: 0,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const event of ['onClientRequest', 'onClientResponse'] as const) {
      const { report } = await runEvent({ ...unbound, event, input: INPUT, now, instance, machine, network });
      if (report.status !== 'Success') throw new Error(`warming up: ${report.status}: ${report.statusMessage}`);
    }
  }
}
