import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type EdgeWorkerOptions, startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { inLanes } from '../e2e/fixtures/lanes.ts';
import { until } from '../e2e/fixtures/poll.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { inputOf } from './fixtures/event-input.ts';

const COUNTER = `
  let events = 0;
  globalThis.shared ??= 0;
  export function onClientRequest(request) { events++; shared++; request.setVariable('PMUSER_N', events + ' ' + shared); }
  export function onClientResponse() { for (;;) {} }
`;

/** How many events each instance has had, as each event sees it; and which instance it was. */
async function run(options: Partial<EdgeWorkerOptions>, count: number) {
  const worker = await startEdgeWorker({ tier: 'basic', ...options, tgz: bundleOf(COUNTER) });
  try {
    const outcomes = [];
    for (let event = 0; event < count; event++) outcomes.push(await worker.handle('onClientRequest', inputOf()));
    return {
      seen: outcomes.map(({ effects }) => effects?.variables['PMUSER_N']),
      instances: outcomes.map(({ report }) => report.instance),
    };
  } finally {
    await worker.stop();
  }
}

describe('which instance runs an event', () => {
  it('always a fresh one', async () => {
    const { seen, instances } = await run({ instances: 'fresh' }, 4);
    expect(seen).toEqual(['1 1', '1 1', '1 1', '1 1']);
    expect(instances).toEqual([1, 2, 3, 4]);
  });

  it('always the same one', async () => {
    const { seen, instances } = await run({ instances: 'reused' }, 4);
    expect(seen).toEqual(['1 1', '2 2', '3 3', '4 4']);
    expect(instances).toEqual([1, 1, 1, 1]);
  });

  it('mixed: some fresh, some not, as the seed has it', async () => {
    const first = await run({ instances: 'mixed', seed: 7 }, 16);
    expect(new Set(first.instances).size).toBeGreaterThan(2);
    expect(new Set(first.instances).size).toBeLessThan(16);
    expect(await run({ instances: 'mixed', seed: 7 }, 16)).toEqual(first);
    expect((await run({ instances: 'mixed', seed: 8 }, 16)).instances).not.toEqual(first.instances);
  });

  it('another one after a handler had to be stopped', async () => {
    const worker = await startEdgeWorker({ tier: 'basic', instances: 'reused', tgz: bundleOf(COUNTER) });
    try {
      await worker.handle('onClientRequest', inputOf());
      const stopped = await worker.handle('onClientResponse', inputOf({}, { response: { status: 200, headers: [] } }));
      expect(stopped.report).toMatchObject({ status: 'CpuTimeoutError', instance: 1 });
      const after = await worker.handle('onClientRequest', inputOf());
      expect(after.effects?.variables).toEqual({ PMUSER_N: '1 1' });
      expect(after.report.instance).toBe(2);
    } finally {
      await worker.stop();
    }
  });
});

describe('the process of a sandbox', () => {
  it('is followed by another before its instances fill it: of four hundred events with an instance each, none is lost', async () => {
    const ends: number[] = [];
    const beacons: string[] = [];
    const worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'fresh',
      hosts: {
        async 'beacons.example.com'(request) {
          beacons.push(new URL(request.url).search);
          return new Response('');
        },
      },
      // What each keeps would not fit into one process, even if there were no realms.
      tgz: bundleOf(`
        import { httpRequest } from 'http-request';
        const kept = Array.from({ length: 40_000 }, (_, at) => at + 0.5);
        export function onClientRequest(request) {
          httpRequest('https://beacons.example.com/?' + request.query);
          request.setVariable('PMUSER_N', request.query + ' ' + kept.length);
        }`),
      ended: () => ends.push(ends.length),
    });
    try {
      const pids = new Set<number | undefined>();
      const seen: string[] = [];
      await inLanes(4, Array(400).keys(), async (at) => {
        const { report, effects } = await worker.handle('onClientRequest', inputOf({ query: String(at) }));
        pids.add(worker.pid());
        seen.push(`${report.status} ${effects?.variables['PMUSER_N']}`);
      });
      expect(seen.sort()).toEqual(Array.from({ length: 400 }, (_, at) => `Success ${at} 40000`).sort());
      await until('all beacons have come', async () => beacons.length === 400);
      expect(new Set(beacons).size).toBe(400);
      expect(pids.size).toBeGreaterThan(8);
      expect(ends).toEqual([]);
    } finally {
      await worker.stop();
    }
  }, 300_000);

  it('makes forty instances at most, however many events come at once', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'fresh',
      tgz: bundleOf('export function onClientRequest() {}'),
    });
    try {
      const outcomes = await Promise.all(
        Array.from({ length: 150 }, () => worker.handle('onClientRequest', inputOf())),
      );
      expect(outcomes.filter(({ report }) => report.status !== 'Success')).toEqual([]);
      expect(Math.max(...outcomes.map(({ report }) => report.instance))).toBe(40);
    } finally {
      await worker.stop();
    }
  }, 300_000);

  it('is brought back when it is gone, and its events are told as lost', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      tgz: bundleOf('export const onClientRequest = () => new Promise(() => {}); export function onOriginRequest() {}'),
    });
    try {
      const pid = worker.pid() as number;
      const lost = worker.handle('onClientRequest', inputOf());
      await worker.handle('onOriginRequest', inputOf());
      process.kill(pid, 'SIGKILL');
      expect((await lost).report).toMatchObject({
        event: 'onClientRequest',
        status: 'RuntimeError',
        statusMessage: expect.stringContaining('SIGKILL'),
      });
      const after = await worker.handle('onOriginRequest', inputOf());
      expect(after.report).toMatchObject({ status: 'Success' });
      expect(worker.pid()).not.toBe(pid);
    } finally {
      await worker.stop();
    }
    expect(worker.pid()).toBeUndefined();
  });

  it('is brought back at once where somebody asks, who is told of its end, but not of one that is meant', async () => {
    const ends: (number | undefined)[] = [];
    let heard = (): void => undefined;
    const worker = await startEdgeWorker({
      tier: 'basic',
      tgz: bundleOf('export function onClientRequest() {}'),
      ended() {
        ends.push(worker.pid());
        heard();
      },
    });
    const pid = worker.pid() as number;
    try {
      const told = new Promise<void>((resolve) => {
        heard = resolve;
      });
      process.kill(pid, 'SIGKILL');
      await told;
      await worker.revive();
      expect([undefined, pid]).not.toContain(worker.pid());
      const running = worker.pid();
      await worker.revive();
      expect(worker.pid()).toBe(running);
    } finally {
      await worker.stop();
    }
    expect(ends).toEqual([undefined]);
  });

  it.skipIf(process.platform !== 'linux')('has nothing of the environment around it', async () => {
    const worker = await startEdgeWorker({ tier: 'basic', tgz: bundleOf('export function onClientRequest() {}') });
    try {
      const environment = await readFile(`/proc/${worker.pid()}/environ`, 'utf8');
      const names = environment.split('\0').map((entry) => entry.split('=', 1)[0]);
      expect(names.filter((name) => name !== '' && !name?.startsWith('NODE_CHANNEL'))).toEqual([]);
    } finally {
      await worker.stop();
    }
  });
});
