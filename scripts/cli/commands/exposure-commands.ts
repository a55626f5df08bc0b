/** Exposures at ingest: who was served what, and what was put aside. */
import type { Command } from 'commander';
import { exit } from './exit.ts';

export function exposureCommands(program: Command): void {
  const exposures = program.command('exposures').description('what the running planet knows of who was served what');
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
}
