/** Exposures at ingest: who was served what, and what was put aside. */
import { type Command, Option } from 'commander';
import type { ArchiveOptions } from '../archive.ts';
import { group } from './control-options.ts';
import { exit } from './exit.ts';

export function exposureCommands(program: Command): void {
  const exposures = group(program, 'exposures', 'what the running planet knows of who was served what');
  exposures
    .command('who-saw')
    .description('what somebody was served of a flag: the first time at each revision and rule')
    .argument('<flag>', 'its key')
    .argument('<unit>', 'the key that they are bucketed by, as a user’s id')
    .option('--pseudonym', 'the unit is a pseudonym already, as an incident names it', false)
    .option('--json', 'the same as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep exposures who-saw pricing.fareBundlingV2 user-1')
    .action(
      exit(async (flag: string, unit: string, options) => (await import('../who-saw.ts')).whoSaw(flag, unit, options)),
    );

  exposures
    .command('replay')
    .description('send what cohort shards refused to them again; what they have is not counted twice')
    .option('--json', 'the answer as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep exposures replay')
    .action(exit(async (options) => (await import('../replay-exposures.ts')).replayExposures(options)));

  archiveCommands(exposures);
}

const DAY_MS = 86_400_000;

const timeOption = (flags: string, description: string, fromNow: number, words: string): Option =>
  new Option(flags, description).default(new Date(Date.now() + fromNow).toISOString(), words);

function archiveCommands(exposures: Command): void {
  const archive = exposures
    .command('archive')
    .description('what was served and what came of it, as it is archived by hour');
  const ranged = (name: string, description: string): Command =>
    archive
      .command(name)
      .description(description)
      .argument('<flag>', 'its key; with --outcomes the name of a metric')
      .addOption(
        timeOption('--from <time>', 'from the hour of this time on, as 2026-11-30T08:00:00Z', -DAY_MS, 'a day ago'),
      )
      .addOption(timeOption('--to <time>', 'up to this time', 0, 'now'))
      .option('--outcomes', 'outcomes of a metric, instead of exposures to a flag', false);
  const range = '--from 2026-11-30T08:00:00Z --to 2026-11-30T12:00:00Z';
  ranged('list', 'the objects of these hours')
    .option('--json', 'the same as JSON', false)
    .addHelpText('after', `\nExample:\n  $ lockstep exposures archive list pricing.fareBundlingV2 ${range}`)
    .action(
      exit(async (flag: string, options: ArchiveOptions & { readonly json: boolean }) =>
        (await import('../archive.ts')).listArchive(flag, options),
      ),
    );
  ranged('get', 'all that is archived of these hours, a line of JSON each')
    .addHelpText(
      'after',
      `\nExample:\n  $ lockstep exposures archive get pricing.fareBundlingV2 ${range} > morning.ndjson`,
    )
    .action(
      exit(async (flag: string, options: ArchiveOptions) => (await import('../archive.ts')).getArchive(flag, options)),
    );
}
