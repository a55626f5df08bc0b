/** `lockstep planet fault` and `lockstep planet heal`: what goes wrong between the planet's processes, and what no longer does. */
import type { Done } from '../planet/fault-order.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { runningPlanet, urlOf } from './running-planet.ts';

export interface FaultOptions {
  readonly ms?: number;
  readonly share?: number;
  readonly for?: number;
  readonly json: boolean;
}

/** What a fault is nothing without; all else is the planet's to judge. */
const NEEDS: Readonly<Record<string, 'ms' | 'share'>> = { delay: 'ms', lag: 'ms', drop: 'share' };

export async function planetFault(link: string, fault: string, options: FaultOptions): Promise<number> {
  const { ms, share, for: forMs, json } = options;
  const needed = NEEDS[fault];
  if (needed !== undefined && options[needed] === undefined)
    throw new CommandError(`${fault} takes --${needed}: see planet fault --help`);
  const order = {
    link,
    fault,
    ...(ms !== undefined && { ms }),
    ...(share !== undefined && { share }),
    ...(forMs !== undefined && { forMs }),
  };
  const done = (await ask('POST', '/planet/faults', order)) as Done;
  if (json) console.log(JSON.stringify(done, null, 2));
  else console.log(`${fault}: ${done.on.join(', ')}${forMs === undefined ? '' : ` for ${forMs} ms`}`);
  return 0;
}

/** Everything where no link is named. */
export async function planetHeal(link: string | undefined, { json }: { readonly json: boolean }): Promise<number> {
  const done = await ask(
    'DELETE',
    link === undefined ? '/planet/faults' : `/planet/faults/${encodeURIComponent(link)}`,
  );
  if (json) console.log(JSON.stringify(done, null, 2));
  else console.log(link === undefined ? 'every link is whole' : `healed: ${(done as Done).on.join(', ')}`);
  return 0;
}

async function ask(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  const url = `${urlOf(await runningPlanet(), 'planet')}${path}`;
  const answer = await call('planet', url, body === undefined ? { method } : { method, body });
  if (!answer.ok) throw new CommandError(answer.error.detail);
  return answer.value.json();
}
