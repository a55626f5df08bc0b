/** Flags in force: by way of the control plane, and, where that is dark, at the publisher. */
import type { Command } from 'commander';
import { CONFIRMATIONS } from '../confirmation.ts';
import { confirmations, keys, positiveInteger, wholeNumber } from './arguments.ts';
import { OVERRIDE } from './control-options.ts';
import { exit } from './exit.ts';

const EXIT_CODES = '\nExit codes: 0 done, 1 refused or failed, 2 in force but no target holds it yet';

export function publisherCommands(program: Command): void {
  program
    .command('publish')
    .description('make the running planet serve what files say: one change, which waits where a policy asks for others')
    .argument('[flags]', 'folder or file', 'flags')
    .option('--as <person>', 'who of the planet asks (default: gitops)')
    .option('-r, --reason <text>', 'why; it stays in the log')
    .option('--ticket <id>', 'the change ticket, where a policy asks for one')
    .option('--dry-run', 'say what would change and who would have to approve; changes nothing', false)
    .option(
      '--confirm <what>',
      `what is on purpose where much changes at once: ${CONFIRMATIONS.join(',')}`,
      confirmations,
    )
    .option('--override <flags>', OVERRIDE, keys)
    .option('--no-wait', 'do not wait for the POPs to follow')
    .option('--json', 'the result, or the refusal, as JSON', false)
    .addHelpText(
      'after',
      `\nExit codes: 0 done, also where a change waits for approval; 1 refused or failed; 2 accepted, but the publisher or every store is out of reach\n\nExample:\n  $ lockstep publish flags/\n  $ lockstep publish flags/ --ticket CHG0030001 --reason 'new invoices'`,
    )
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
    .description('publish at every save, until interrupted')
    .argument('[flags]', 'folder or file', 'flags')
    .addHelpText('after', '\nExample:\n  $ lockstep dev flags/')
    .action(exit(async (path: string) => (await import('../dev.ts')).dev(path)));
}
