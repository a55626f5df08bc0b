/** `npm start`: boots the local planet, seeds the marketplace's flags, and says where everything is. */
import { parseArgs } from 'node:util';
import { createKvRest } from '#edgekv/cloudflare/kv-rest';
import { CommandError } from './cli/command-error.ts';
import { publishFlags } from './cli/publish.ts';
import { freePort } from './planet/free-port.ts';
import { planetKeys } from './planet/keys.ts';
import { startKvStandIn } from './planet/kv-stand-in.ts';
import { isPlanet, reapOrphans, recordPids } from './planet/orphans.ts';
import { startPop } from './planet/pop.ts';
import { type PlanetFile, readState, removeState, removeStateNow, statePath, writeState } from './planet/state.ts';

const ENVIRONMENT = 'marketplace-production';
const PORTS = { kv: 8700, iad: 8701 };
const HELP = `Usage: npm start [-- --fresh]

Boots the local planet. State lies under .lockstep/ and survives a restart.

  --fresh   begin anew: other keys, empty stores
  --help    show this`;

const { values } = parseArgs({ options: { fresh: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) console.log(HELP);
else await start(values.fresh === true).catch(explain);

async function start(fresh: boolean): Promise<void> {
  const running = await readState<PlanetFile>('planet.json');
  if (running !== undefined && running.pid !== process.pid && (await isPlanet(running.pid))) {
    throw new CommandError(`a planet is running already (pid ${running.pid}): see ${statePath('planet.json')}`);
  }
  const reaped = await reapOrphans();
  if (reaped > 0) progress(`ended ${reaped} process(es) that an earlier planet left behind`);
  if (fresh) await Promise.all(['planet.json', 'keys.json', 'storage'].map(removeState));
  // Miniflare ends its workerd and this process at a signal, at once: only what is synchronous still runs then.
  process.on('exit', () => ['planet.json', 'pids.json'].forEach(removeStateNow));

  const keys = await planetKeys();
  progress('starting edge-iad');
  const port = await freePort(PORTS.iad);
  const pop = await startPop({ name: 'iad', region: 'us-east', environment: ENVIRONMENT, keys, port });
  const kv = await startKvStandIn(pop.kv, keys.bearer.publisher, await freePort(PORTS.kv));
  await recordPids();

  const urls = { 'edge-iad': pop.url, kv: kv.url };
  const planet: PlanetFile = { ready: false, pid: process.pid, environment: ENVIRONMENT, urls, keys: keys.bearer };
  await writeState('planet.json', planet);
  progress('publishing flags/');
  const target = createKvRest({ namespaceUrl: kv.url, token: keys.bearer.publisher, environment: ENVIRONMENT, fetch });
  const { version } = await publishFlags('flags', { target, keys, environment: ENVIRONMENT, dryRun: false });
  await writeState('planet.json', { ...planet, ready: true });
  console.log(welcome(planet, version));
}

function welcome({ urls, keys }: PlanetFile, version: number | undefined): string {
  return `
The planet is ready, at version ${version}.

${Object.entries(urls)
  .map(([name, url]) => `  ${name.padEnd(10)}${url}`)
  .join('\n')}

A decision with its reason and version:

  curl -s ${urls['edge-iad']}/ofrep/v1/evaluate/flags/pricing.fareBundlingV2 \\
    -H 'authorization: Bearer ${keys['server']}' \\
    -d '{"context":{"targetingKey":"user-1"}}'

Change flags/pricing.yaml, then: npm run lockstep -- publish
Ctrl-C ends it.`;
}

function progress(text: string): void {
  console.error(`  ${text}`);
}

function explain(error: unknown): never {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exit(1);
}
