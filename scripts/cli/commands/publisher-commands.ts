/** Flags in force, through the publisher. */
import type { Command } from 'commander';
import { CONFIRMATIONS } from '../confirmation.ts';
import { confirmations, positiveInteger, wholeNumber } from './arguments.ts';
import { exit } from './exit.ts';

const EXIT_CODES = '\nExit codes: 0 done, 1 refused or failed, 2 in force but no target holds it yet';

export function publisherCommands(program: Command): void {
  program
    .command('publish')
    .description('compile authored flags and publish them to the running planet')
    .argument('[flags]', 'folder or file', 'flags')
    .option('--dry-run', 'say what would change, and publish nothing', false)
    .option('--confirm <what>', `let pass what the publisher asks about: ${CONFIRMATIONS.join(',')}`, confirmations)
    .option(
      '--acknowledge <id>',
      'the entry of the journal up to which returns are known, and may be undone',
      positiveInteger,
    )
    .option('--no-wait', 'do not wait for the POPs to follow')
    .option('--json', 'the result, or the refusal, as JSON', false)
    .addHelpText('after', `${EXIT_CODES}\n\nExample:\n  $ lockstep publish flags/`)
    .action(exit(async (path: string, options) => (await import('../publish.ts')).publish(path, options)));

  program
    .command('rollback')
    .description('break-glass: put flags back to what they served before')
    .argument('[flags...]', 'their keys; by default, with --version, everything')
    .option(
      '--version <n>',
      'the version to go back to; by default the one before the last change of each flag',
      positiveInteger,
    )
    .requiredOption('--reason <text>', 'why, for the journal')
    .option('--no-wait', 'do not wait for the POPs to follow')
    .option('--json', 'the result, or the refusal, as JSON', false)
    .addHelpText(
      'after',
      `${EXIT_CODES}\n\nExample:\n  $ lockstep rollback pricing.fareBundlingV2 --reason 'two prices in one session'`,
    )
    .action(
      exit(async (flags: readonly string[], options) => (await import('../rollback.ts')).rollback(flags, options)),
    );

  program
    .command('journal')
    .description('what was published and rolled back, by whom and why')
    .option('--after <n>', 'only entries behind that one', wholeNumber, 0)
    .option('--limit <n>', 'how many at most, up to 1,000', positiveInteger, 100)
    .option('--json', 'the same as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep journal --after 40')
    .action(exit(async (options) => (await import('../journal.ts')).journal(options)));

  program
    .command('dev')
    .description('publish authored flags to the running planet at every save, until interrupted')
    .argument('[flags]', 'folder or file', 'flags')
    .addHelpText('after', '\nExample:\n  $ lockstep dev flags/')
    .action(exit(async (path: string) => (await import('../dev.ts')).dev(path)));
}
