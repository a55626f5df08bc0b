/** The planet that runs, for commands that need one. */

import { isPlanet } from '../planet/planet-pids.ts';
import { type PlanetFile, readState } from '../planet/state.ts';
import { CommandError } from './command-error.ts';

export async function runningPlanet(): Promise<PlanetFile> {
  const planet = await readState<PlanetFile>('planet.json');
  if (planet === undefined) throw new CommandError('no planet is running: npm start');
  // What a killed one left still answers, but nothing connects it any more.
  if (!(await isPlanet(planet.pid))) throw new CommandError('no planet is running, the last one was killed: npm start');
  return planet;
}

/** The URL of one of its processes. */
export function urlOf({ urls }: PlanetFile, name: string): string {
  const url = urls[name];
  if (url === undefined) throw new CommandError(`the planet has no ${name} yet: wait until it is ready`);
  return url;
}

/** The same for a bearer key. */
export function keyOf({ keys }: PlanetFile, name: string): string {
  const key = keys[name];
  if (key === undefined)
    throw new CommandError(`the planet has no key "${name}": there are ${Object.keys(keys).join(', ')}`);
  return key;
}
