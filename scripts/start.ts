/** `npm start`: boots the local planet, seeds the marketplace's flags, and says where everything is. */
import { CommandError } from './cli/command-error.ts';
import { offlineDefaults } from './cli/defaults.ts';
import { publisherOf } from './cli/publisher.ts';
import { readOptions } from './cli/read-options.ts';
import { untilServed } from './cli/served-version.ts';
import { foundMarketplace } from './planet/found-marketplace.ts';
import { planetKeys } from './planet/keys.ts';
import { ENVIRONMENT, PROCESS_NAMES } from './planet/layout.ts';
import { type Planet, startPlanet } from './planet/planet.ts';
import { isPlanet, reapOrphans } from './planet/planet-pids.ts';
import { startPlanetServer } from './planet/server.ts';
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

const HELP = `Usage: npm start [-- --fresh] [--no-services]

Boots the local planet. State lies under .lockstep/ and survives a restart.

  --fresh        begin anew: other keys, empty stores
  --no-services  without relays and the services behind them: for a small machine
  --help         show this

LOCKSTEP_STATE           another folder than .lockstep/
LOCKSTEP_STALE_AFTER_MS  after how long without word POPs say STALE (default ${15_000})`;

const FLAGS = 'flags';
const STALE_AFTER_MS = 15_000;
/** How long POPs may take to serve what was in force, before the planet is called ready without them. */
const FOLLOW_DEADLINE_MS = 20_000;

const SIGNALS = [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const;

const values = readOptions(
  { fresh: { type: 'boolean' }, 'no-services': { type: 'boolean' }, help: { type: 'boolean' } },
  HELP,
);
if (values.help) console.log(HELP);
else await start(values.fresh === true, values['no-services'] !== true).catch(explain);

async function start(fresh: boolean, hasServices: boolean): Promise<void> {
  for (const [signal, number] of SIGNALS) process.on(signal, () => process.exit(128 + number));
  await takeOver();
  // Each Miniflare ends its workerd here too: only what is synchronous still runs now.
  process.on('exit', () => ['planet.json', LOCK].forEach(removeStateNow));
  const reaped = await reapOrphans();
  if (reaped > 0) progress(`ended ${reaped} process(es) that an earlier planet left behind`);
  if (fresh) await Promise.all(['keys.json', 'storage', 'logs'].map(removeState));

  const keys = await planetKeys();
  const { server, client, publisher, breakGlass, keyUse, rollout } = keys.bearer;
  let file: PlanetFile = {
    ready: false,
    pid: process.pid,
    environment: ENVIRONMENT,
    urls: {},
    keys: { server, client, publisher, breakGlass, keyUse, rollout, ...keys.people },
    processes: {},
  };
  const write = (changes: Partial<PlanetFile>): void => {
    file = { ...file, ...changes };
    writeState('planet.json', file);
  };
  write({});
  const planet = await startPlanet({
    keys,
    offlineDefaults: await defaultsOfFlags(),
    staleAfterMs: staleAfterMs(),
    progress,
    onChange: (processes) => write({ processes: pidsOf(processes) }),
  });
  const url = await startPlanetServer(planet, keys);
  write({ urls: { planet: url, ...urlsOf(planet.processes) } });
  const version = await seed(file);
  await Promise.all([follow(file, version), ...(hasServices ? [planet.startOrigins()] : [])]);
  write({ ready: true, urls: { planet: url, ...urlsOf(planet.processes) } });
  console.log(welcome(file, version));
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

function staleAfterMs(): number {
  const text = process.env['LOCKSTEP_STALE_AFTER_MS'] ?? String(STALE_AFTER_MS);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CommandError('LOCKSTEP_STALE_AFTER_MS must be a number of milliseconds');
  return Number(text);
}

/** Flags that do not compile keep nobody from starting what was published before. */
async function defaultsOfFlags(): Promise<string> {
  try {
    return JSON.stringify(await offlineDefaults(FLAGS));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    progress(`${FLAGS}/ gives no offline defaults:\n${error.message}`);
    return '{}';
  }
}

/** What users and tools call. The store has no URL for them: Workers alone reach it. */
function urlsOf(processes: Planet['processes']): Record<string, string> {
  const called = PROCESS_NAMES.filter((name) => name !== 'kv' && processes.has(name));
  return Object.fromEntries(called.map((name) => [name, processes.get(name)?.url ?? '']));
}

function pidsOf(processes: Planet['processes']): Record<string, number> {
  const pids: Record<string, number> = {};
  for (const name of PROCESS_NAMES) {
    const pid = processes.get(name)?.pid();
    if (pid !== undefined) pids[name] = pid;
  }
  return pids;
}

/** The marketplace, where the control plane has none yet; what is there stays as it is. Returns the version in force. */
async function seed(file: PlanetFile): Promise<number> {
  await foundMarketplace(file, FLAGS, progress);
  const { version } = await publisherOf(file, 'publisher').status();
  return version ?? 0;
}

async function follow(file: PlanetFile, version: number): Promise<void> {
  progress(`waiting for the POPs to serve version ${version}`);
  const { behind } = await untilServed(file, version, FOLLOW_DEADLINE_MS);
  if (behind.size > 0) progress(`not there yet: ${[...behind.keys()].join(', ')}`);
}

function welcome({ urls, keys }: PlanetFile, version: number): string {
  return `
The planet is ready, at version ${version}.

${Object.entries(urls)
  .map(([name, url]) => `  ${name.padEnd(15)}${url}`)
  .join('\n')}

A decision with its reason and version:

  curl -s ${urls['edge-iad']}/ofrep/v1/evaluate/flags/pricing.fareBundlingV2 \\
    -H 'authorization: Bearer ${keys['server']}' \\
    -d '{"context":{"targetingKey":"user-1"}}'

${bookingText(urls)}A page behind Akamai, decided at the edge: ${urls['edge-ams']}/
See it live: ${urls['planet']}
Change flags/search.yaml, then:  npm run lockstep -- publish
Is it in force everywhere?       npm run lockstep -- convergence
Cut a region off:                npm run lockstep -- planet fault relay-azure cut
Send users:                      npm run lockstep -- planet traffic
Ctrl-C ends it.`;
}

function bookingText({ 'booking-azure': url }: PlanetFile['urls']): string {
  return url === undefined
    ? ''
    : `What a service on Azure charges, by flags in its own process: ${url}/prices?user=user-1\n`;
}

function progress(text: string): void {
  console.error(`  ${text}`);
}

function explain(error: unknown): never {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exit(1);
}
