/** The planet's relays: each with a `relay-config.yaml` and a folder of its own, as a deployment has it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { type PlanetKeys, sdkKeyRecords } from './keys.ts';
import { ENVIRONMENT, ORIGINS, type OriginName, relayOf } from './layout.ts';
import type { NodeServer } from './node-server.ts';
import { statePath } from './state.ts';

export interface RelayOptions {
  readonly origin: OriginName;
  readonly keys: PlanetKeys;
  /** Where the stream and ingest are reached: addresses of links. */
  readonly streamUrl: string;
  readonly ingestUrl: string;
  /** JSON: what flags serve before there is any ruleset. */
  readonly offlineDefaults: string;
  readonly staleAfterMs: number;
}

/** As for its services: shorter than a deployment's minute, for people who watch. */
const SOAK_MS = 10_000;

export async function relayServer(options: RelayOptions): Promise<NodeServer> {
  const { origin, keys, streamUrl, ingestUrl, offlineDefaults, staleAfterMs } = options;
  const folder = resolve(statePath('storage'), relayOf(origin));
  await mkdir(folder, { recursive: true });
  const config = resolve(folder, 'relay-config.yaml');
  await writeFile(config, relayConfig(origin, streamUrl, offlineDefaults));
  const defaults = resolve(folder, 'offline-defaults.json');
  await writeFile(defaults, offlineDefaults);
  return {
    module: 'workers/relay/index.ts',
    args: [config],
    env: (port) => ({
      ENVIRONMENT,
      LOCKSTEP_KEY: keys.bearer.relay,
      PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
      SDK_KEYS: JSON.stringify(sdkKeyRecords(keys)),
      HOST: '127.0.0.1',
      PORT: String(port),
      CACHE_DIR: resolve(folder, 'cache'),
      INGEST_URL: ingestUrl,
      UNIT_KEY: keys.unit,
      STALE_AFTER_MS: String(staleAfterMs),
      SOAK_MS: String(SOAK_MS),
      OFFLINE_DEFAULTS_FILE: defaults,
    }),
  };
}

function relayConfig(origin: OriginName, streamUri: string, offlineDefaults: string): string {
  const { region } = ORIGINS[origin];
  const defaults = JSON.parse(offlineDefaults) as Readonly<Record<string, { readonly variation: string }>>;
  return stringify({
    relay: { streamUri, cache: { persist: true, staleIfError: true }, region, cloud: origin },
    flagDefaults: Object.fromEntries(Object.entries(defaults).map(([flag, { variation }]) => [flag, variation])),
  });
}
