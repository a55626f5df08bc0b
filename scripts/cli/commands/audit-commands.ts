/** The audit log. */
import { type Command, Option } from 'commander';
import { several, wholeNumber } from './arguments.ts';
import { command, group, pages, speaks } from './control-options.ts';
import { exit } from './exit.ts';

const log = () => import('../control/audit-log.ts');

export function auditCommands(program: Command): void {
  const audit = group(program, 'audit', 'who changed what, and the proof of it');
  asking(audit);

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
    .action(exit(async (path: string, options) => (await import('../audit.ts')).auditVerify(path, options)));
}

function asking(audit: Command): void {
  pages(
    speaks(
      command(
        audit,
        'list',
        'entries, the newest first',
        'audit list --key pricing.fareBundlingV2',
        'audit list --actor ana --from 2026-11-01T00:00:00Z --csv --all > november.csv',
      ),
    ),
  )
    .option('--actor <person>', 'by whom')
    .option('--action <action>', 'what was done, as change.submit')
    .option('--kind <kind>', 'to what: flag, segment, policy …')
    .option('--key <key>', 'to which')
    .option('-e, --environment <name>', 'in which environment')
    .option('--request <id>', 'of that change request')
    .option('--from <time>', 'RFC 3339')
    .option('--to <time>', 'RFC 3339')
    .option('--csv', 'for a spreadsheet')
    .action(exit(async (options) => (await log()).listEntries(options)));

  speaks(command(audit, 'show', 'one entry, with old and new', 'audit show 41'))
    .argument('<entry>', 'its number')
    .action(exit(async (seq: string, options) => (await log()).showEntry(seq, options)));

  speaks(command(audit, 'export', 'the log as NDJSON, for audit verify', 'audit export --out log.ndjson'))
    .option('-o, --out <file>', 'write it there instead of to standard output; it is there once it is whole')
    .option('--after <n>', 'only behind the first n entries', wholeNumber)
    .action(exit(async (options) => (await log()).exportLog(options)));

  speaks(
    command(
      audit,
      'restore',
      'give an organisation that has nothing yet the log of one that was lost',
      "audit restore log.ndjson --keys keep --reason 'the first home is lost'",
      "audit restore log.ndjson --keys revoke --except sdk-key:search-1 --reason 'the first home is lost'",
    ),
  )
    .argument('<export>', 'the NDJSON of an export')
    .requiredOption('-r, --reason <text>', 'why; it stays in the log')
    .addOption(
      new Option('--keys <what>', 'what becomes of SDK keys and service tokens, revoked ones among them: docs/audit.md')
        .choices(['keep', 'revoke'])
        .makeOptionMandatory(),
    )
    .option('--except <kind:key>', 'with this one the opposite, as sdk-key:search-1; again for more', several, [])
    .option('--unproven', 'with entries behind the newest checkpoint, which nobody has signed')
    .action(
      exit(async (file: string, options) => (await import('../control/restore-log.ts')).restoreLog(file, options)),
    );

  speaks(command(audit, 'abandon', 'give up a restore that is not finished: it was the wrong log', 'audit abandon'))
    .option('-y, --yes', 'without asking')
    .action(exit(async (options) => (await import('../control/restore-log.ts')).abandonRestore(options)));

  speaks(
    command(
      audit,
      'checkpoint',
      'the newest signed checkpoint: keep it where nobody can change it',
      'audit checkpoint > november.note',
    ),
  ).action(exit(async (options) => (await log()).printNote('checkpoint', options)));

  speaks(command(audit, 'keys', 'the keys with which audit verify checks signatures', 'audit keys > audit.pub')).action(
    exit(async (options) => (await log()).printNote('keys', options)),
  );
}
