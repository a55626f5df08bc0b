/** The planet's ingest, as commands ask it. */
import type { PlanetFile } from '../planet/state.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { keyOf, urlOf } from './running-planet.ts';

export interface Ingest {
  /** The answer's JSON; rejects with what ingest says where it refuses. */
  ask(method: 'GET' | 'POST', path: string): Promise<unknown>;
  /** The body of an answer; rejects as `ask`. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
}

export function ingestOf(planet: PlanetFile): Ingest {
  async function answerTo(method: 'GET' | 'POST', path: string): Promise<Response> {
    const answer = await call('ingest', `${urlOf(planet, 'ingest')}${path}`, { method, key: keyOf(planet, 'keyUse') });
    if (!answer.ok) throw new CommandError(answer.error.detail);
    return answer.value;
  }
  return {
    ask: async (method, path) => (await answerTo(method, path)).json(),
    stream: async (path) => (await answerTo('GET', path)).body ?? new Blob().stream(),
  };
}
