/** `npm start`: boots the local planet, seeds the marketplace's flags, and says where everything is. */
import { parseArgs } from 'node:util';
import { createKvRest, type RulesetTarget } from '#edgekv/cloudflare/kv-rest';
import { CommandError } from './cli/command-error.ts';
import { publishFlags } from './cli/publish.ts';
import { type PlanetKeys, planetKeys } from './planet/keys.ts';
import { startKvStandIn } from './planet/kv-stand-in.ts';
import { isPlanet, reapOrphans, recordPids } from './planet/orphans.ts';
import { startPop } from './planet/pop.ts';
import {
  folderOwner,
  LOCK,
  type PlanetFile,
  removeState,
  removeStateNow,
  statePath,
  takeFolder,
  writeState,
} from './planet/state.ts';

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
  await takeOver();
  // Miniflare ends its workerd and this process at a signal, at once: only what is synchronous still runs then.
  process.on('exit', () => ['planet.json', 'pids.json', LOCK].forEach(removeStateNow));
  const reaped = await reapOrphans();
  if (reaped > 0) progress(`ended ${reaped} process(es) that an earlier planet left behind`);
  if (fresh) await Promise.all(['planet.json', 'keys.json', 'storage'].map(removeState));

  const keys = await planetKeys();
  progress('starting edge-iad');
  const pop = await startPop({ name: 'iad', region: 'us-east', environment: ENVIRONMENT, keys, port: PORTS.iad });
  const kv = await startKvStandIn(pop.kv, keys.bearer.publisher, PORTS.kv);
  await recordPids();

  const urls = { 'edge-iad': pop.url, kv: kv.url };
  const planet: PlanetFile = { ready: false, pid: process.pid, environment: ENVIRONMENT, urls, keys: keys.bearer };
  await writeState('planet.json', planet);
  const target = createKvRest({ namespaceUrl: kv.url, token: keys.bearer.publisher, environment: ENVIRONMENT, fetch });
  const version = (await target.version()) ?? (await seed(target, keys));
  await writeState('planet.json', { ...planet, ready: true });
  console.log(welcome(planet, version));
}

/** One planet a folder: a lock that a killed one left is taken over. */
async function takeOver(): Promise<void> {
  if (await takeFolder()) return;
  const pid = await folderOwner();
  if (pid !== process.pid && (await isPlanet(pid))) {
    throw new CommandError(`a planet is running already (pid ${pid}): see ${statePath('planet.json')}`);
  }
  await removeState(LOCK);
  if (!(await takeFolder())) throw new CommandError('another planet is starting in this folder');
}

/** The marketplace's flags, into a store that has none yet: what was published later stays as it is. */
async function seed(target: RulesetTarget, keys: PlanetKeys): Promise<number | undefined> {
  progress('publishing flags/');
  const { version } = await publishFlags('flags', { target, keys, environment: ENVIRONMENT, dryRun: false });
  return version;
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
