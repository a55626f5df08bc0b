/** `node workers/relay/index.ts [relay-config.yaml]`: the relay as a process. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Bindings, SettingsError } from '#http/settings';
import { issueText } from '#ruleset/write/yaml-file';
import { createFolderDisk } from '#sdk/node/folder-disk';
import { createSpillDisk } from '#sdk/node/spill-disk';
import { HELP, readCommandLine } from './command-line.ts';
import { type RelayConfig, readRelayConfig } from './config/relay-config.ts';
import { type RelaySettings, readRelaySettings } from './config/relay-settings.ts';
import { runRelay } from './run-relay.ts';

/** One JSON object a line. */
function log(event: string, fields: object = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
}

/** Undefined where something is wrong; all of it is said. */
function configuration(file: string): { config: RelayConfig; settings: RelaySettings } | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const config = readRelayConfig({ name: file, text });
  if (!config.ok) console.error(issueText(config.error));
  const settings = settingsOrFaults(config.ok && config.value.relay.cache.persist);
  return config.ok && settings !== undefined ? { config: config.value, settings } : undefined;
}

/** Undefined, and said why, where it cannot be read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    console.error(`${file} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

function settingsOrFaults(persist: boolean): RelaySettings | undefined {
  const environment = bindings();
  if (environment === undefined) return undefined;
  try {
    return readRelaySettings(environment, persist);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message.split('; ').join('\n'));
    return undefined;
  }
}

/** Defaults are many: they are in a file that `lockstep defaults` writes. Undefined where that cannot be read. */
function bindings(): Bindings | undefined {
  const file = process.env['OFFLINE_DEFAULTS_FILE'];
  if (file === undefined) return process.env;
  const text = textOf(file);
  return text === undefined ? undefined : { ...process.env, OFFLINE_DEFAULTS: text };
}

/** The host's name tells people which one it is; the rest, which process. With what emitters put behind it, it is a name still. */
const instance = (): string =>
  `${hostname()
    .replace(/[^\w.-]/g, '-')
    .slice(0, 44)}-${randomBytes(6).toString('hex')}`;

async function main(file: string): Promise<void> {
  const read = configuration(file);
  if (read === undefined) {
    process.exitCode = 2;
    return;
  }
  const { cacheDir } = read.settings;
  const running = await runRelay({
    ...read,
    instance: instance(),
    disks: cacheDir === undefined ? undefined : disksIn(cacheDir),
    ...(cacheDir !== undefined && spillsIn(cacheDir)),
    log,
  });
  log('listening', { url: running.url });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log('draining', { signal });
      running.drain().then(() => process.exit(0), exitWith);
    });
  }
}

const disksIn = (folder: string) => ({
  rulesets: createFolderDisk(join(folder, 'rulesets')),
  keys: createFolderDisk(join(folder, 'keys')),
});

const spillsIn = (folder: string) => ({
  spill: createSpillDisk(join(folder, 'exposures')),
  ownSpill: createSpillDisk(join(folder, 'own-exposures')),
});

function exitWith(error: unknown): void {
  log('failed', { error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

const commandLine = readCommandLine(process.argv.slice(2));
if (!commandLine.ok) {
  console.error(`${commandLine.error}\n\n${HELP}`);
  process.exitCode = 2;
} else if (commandLine.value.help) console.log(HELP);
else main(commandLine.value.file).catch(exitWith);
