/** The planet's own server, on loopback. */
import type { AddressInfo } from 'node:net';
import { createPlanetApp } from './app.ts';
import { onFreePort } from './free-port.ts';
import type { PlanetKeys } from './keys.ts';
import { PORTS } from './layout.ts';
import { listen } from './listen.ts';
import { pageFiles } from './page-files.ts';
import type { Planet } from './planet.ts';
import { planetStatus } from './status.ts';

/** Returns its URL. */
export async function startPlanetServer(planet: Planet, keys: PlanetKeys): Promise<string> {
  const page = await pageFiles();
  const app = createPlanetApp({ planet, page, status: (deadlineMs) => planetStatus(planet, keys, deadlineMs) });
  const server = await onFreePort(PORTS.planet, (port) => listen((request) => app.fetch(request), port));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
