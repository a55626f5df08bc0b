/** The planet's ingest, as commands ask it. */
import type { PlanetFile } from '../planet/state.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { keyOf, urlOf } from './running-planet.ts';

export interface Ingest {
  /** The answer's JSON; rejects with what ingest says where it refuses. */
  ask(method: 'GET' | 'POST', path: string): Promise<unknown>;
}

export const ingestOf = (planet: PlanetFile): Ingest => ({
  async ask(method, path) {
    const answer = await call('ingest', `${urlOf(planet, 'ingest')}${path}`, { method, key: keyOf(planet, 'keyUse') });
    if (!answer.ok) throw new CommandError(answer.error.detail);
    return answer.value.json();
  },
});
