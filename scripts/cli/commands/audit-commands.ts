/** The audit log. */
import type { Command } from 'commander';
import { auditVerify } from '../audit.ts';
import { several } from './arguments.ts';
import { exit } from './exit.ts';

export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('prove what the audit log says');

  audit
    .command('verify')
    .description('whether an exported log is the one that was signed; needs no network')
    .argument('<export>', 'the NDJSON of an export, or - for standard input')
    .requiredOption(
      '-k, --key <key>',
      'a key of the log, as <name>+<id>+<base64>, or a file of such; again for more',
      several,
    )
    .option('-c, --checkpoint <file>', 'a checkpoint that was kept apart from the log; again for more', several)
    .option('--json', 'the report as JSON', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 it is what was signed, 1 it is not, 2 a mistake in the command' +
        '\n\nExamples:\n  $ lockstep audit verify log.ndjson --key audit.pub' +
        '\n  $ lockstep audit verify log.ndjson --key audit.pub --checkpoint last-month.note --json',
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(exit(auditVerify));
}
