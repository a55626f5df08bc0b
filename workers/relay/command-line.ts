/** What the relay is started with. */
import { parseArgs } from 'node:util';
import { ok, type Result, refused } from '#schema/result';

export interface CommandLine {
  readonly help: boolean;
  /** Path of the configuration. */
  readonly file: string;
}

export const HELP = `A relay: rulesets from home, kept on disk, for the services of one region.

Usage: node workers/relay/index.ts [relay-config.yaml]

Settings, from the environment:
  ENVIRONMENT                the environment's name
  LOCKSTEP_KEY               an SDK key of kind relay, a secret
  PUBLIC_KEYS                JSON: whose rulesets are taken
  CACHE_DIR                  the folder for rulesets and keys, with cache.persist
  OFFLINE_DEFAULTS_FILE      what "lockstep defaults --json" wrote; or the same text in OFFLINE_DEFAULTS
  HOST, PORT                 0.0.0.0, 8080; port 0 is any that is free
  SDK_KEYS, ALLOWED_ORIGINS  keys until there is a keys document; origins of pages
  INGEST_URL, UNIT_KEY       where exposures go; the key of pseudonyms, a secret
  CANARY                     true: it asks to be the first that gets a version
  STALE_AFTER_MS, SOAK_MS    60000 each
  DRAIN_MS, MAX_STREAMS      10000, 20000

It ends with 0 once it has drained (SIGTERM, SIGINT), with 2 where its configuration is wrong, else with 1.
docs/relay.md has the rest.
`;

/** Refused with what is wrong. */
export function readCommandLine(args: readonly string[]): Result<CommandLine, string> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h', default: false } },
      allowPositionals: true,
    });
    const [file = 'relay-config.yaml', ...more] = positionals;
    return more.length > 0 ? refused('there is one relay-config.yaml to a relay') : ok({ help: values.help, file });
  } catch (error) {
    return refused((error as Error).message);
  }
}
