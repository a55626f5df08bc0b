/** The planet: its processes, the links between them, and the faults on those. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createFaults, type Faults } from './faults.ts';
import { forward } from './forward.ts';
import type { PlanetKeys } from './keys.ts';
import { createKvSide } from './kv-side.ts';
import { endsOf, LINK_NAMES, type LinkName, PORTS, PROCESS_NAMES, type ProcessName } from './layout.ts';
import { createLink, type Link } from './link.ts';
import { workerOptions } from './worker-options.ts';
import { startWorkerd, type Workerd } from './workerd.ts';

export interface PlanetOptions {
  readonly keys: PlanetKeys;
  readonly offlineDefaults: string;
  readonly staleAfterMs: number;
  /** Says how far it is. */
  readonly progress: (text: string) => void;
  /** Called when a process has come up, or has another pid. */
  readonly onChange: (processes: Planet['processes']) => void;
}

export interface Planet {
  readonly processes: ReadonlyMap<ProcessName, Workerd>;
  readonly links: ReadonlyMap<LinkName, Link>;
  readonly faults: Faults;
}

export async function startPlanet(options: PlanetOptions): Promise<Planet> {
  const { keys, offlineDefaults, staleAfterMs, progress, onChange } = options;
  const processes = new Map<ProcessName, Workerd>();
  const changed = (): void => onChange(processes);
  const faults = createFaults(Date.now);
  const links = createLinks(processes, faults);
  progress('building the Workers');
  const workers = await workerOptions({ keys, offlineDefaults, staleAfterMs, links });
  progress(`starting ${PROCESS_NAMES.join(', ')}`);
  // Side by side: each is a workerd of its own, and takes most of its time to itself.
  await Promise.all(
    PROCESS_NAMES.map(async (name) => {
      const worker = workers.get(name);
      if (worker === undefined) throw new Error(`${name}: no Worker is built for it`);
      processes.set(name, await startWorkerd({ name, port: PORTS[name], worker, onChange: changed }));
      changed();
      progress(`${name} is up (${processes.size} of ${PROCESS_NAMES.length})`);
    }),
  );
  return { processes, links, faults };
}

function createLinks(processes: ReadonlyMap<ProcessName, Workerd>, faults: Faults): ReadonlyMap<LinkName, Link> {
  const call = (to: ProcessName) => (request: Request) => {
    const url = processes.get(to)?.url;
    return url === undefined ? Promise.reject(new Error(`${to} has not started yet`)) : forward(request, url);
  };
  const kv = createKvSide({ store: call('kv'), now: Date.now });
  const deps = { faults, random: Math.random, sleep: (milliseconds: number) => sleep(milliseconds) };
  return new Map(
    LINK_NAMES.map((name) => {
      const [from, to] = endsOf(name);
      const far =
        to === 'kv' ? (request: Request) => kv.answer(request, from, faults.find(name, 'lag')?.ms ?? 0) : call(to);
      return [name, createLink(name, far, deps)];
    }),
  );
}
