import { describe, expect, it } from 'vitest';
import { obeyFaultOrder } from '../../../scripts/planet/fault-order.ts';
import { createFaults } from '../../../scripts/planet/faults.ts';
import type { ProcessName } from '../../../scripts/planet/layout.ts';
import type { PlanetProcess } from '../../../scripts/planet/planet-process.ts';

const NAME: ProcessName = 'edge-dub';

/** A planet of one process that restarts for good, or that is down. */
function planetOf(isDown = false) {
  let isRestarting = false;
  const process: PlanetProcess = {
    name: NAME,
    url: 'http://127.0.0.1:1',
    state: () => (isDown ? 'down' : 'running'),
    pid: () => (isDown ? undefined : 1),
    restarts: () => 0,
    isRestarting: () => isRestarting,
    restart() {
      isRestarting = true;
      return new Promise(() => {});
    },
    kill: async () => !isDown,
  };
  return { faults: createFaults(() => 0), processes: new Map([[NAME, process]]) };
}

describe('an order to a process', () => {
  it('to restart is refused while it restarts', async () => {
    const planet = planetOf();
    const order = { link: NAME, fault: 'restart', forMs: 1_000 } as const;
    expect(await obeyFaultOrder(order, planet, 0)).toMatchObject({ ok: true, value: { on: [NAME] } });
    const again = { ok: false, error: 'edge-dub is restarting already' };
    expect(await obeyFaultOrder(order, planet, 0)).toEqual(again);
    expect(await obeyFaultOrder({ link: NAME, fault: 'restart' }, planet, 0)).toEqual(again);
  });

  it('to kill it is refused where it does not run', async () => {
    const order = { link: NAME, fault: 'kill' } as const;
    expect(await obeyFaultOrder(order, planetOf(), 0)).toMatchObject({ ok: true, value: { on: [NAME] } });
    const refusal = { ok: false, error: 'edge-dub is not running' };
    expect(await obeyFaultOrder(order, planetOf(true), 0)).toEqual(refusal);
  });
});
