#!/usr/bin/env node
/** The command line: parses arguments, runs a command, turns its errors into words and exit codes. */
import { Command, InvalidArgumentError } from 'commander';
import { auditVerify } from './audit.ts';
import { CommandError } from './command-error.ts';
import { compileCommand } from './compile.ts';
import { defaults } from './defaults.ts';
import { dev } from './dev.ts';
import { evalCommand } from './eval.ts';
import { journal } from './journal.ts';
import { lint } from './lint.ts';
import { planetFault, planetHeal } from './planet-fault.ts';
import { planetStatusCommand } from './planet-status.ts';
import { publish } from './publish.ts';
import { CONFIRMATIONS, type Confirmation } from './publisher.ts';
import { rollback } from './rollback.ts';

const EXIT_CODES = '\nExit codes: 0 done, 1 refused or failed, 2 in force but no target holds it yet';

const program = new Command('lockstep')
  .description('Author, check, publish and explain feature flags.')
  .showHelpAfterError('(add --help for usage)')
  .configureHelp({ sortSubcommands: true });

program
  .command('lint')
  .description('check authored flags; each issue with its file, line and column')
  .argument('[flags]', 'folder or file', 'flags')
  .option('--json', 'issues as JSON', false)
  .addHelpText('after', '\nExample:\n  $ lockstep lint flags --json')
  .action(exit(lint));

program
  .command('compile')
  .description('compile authored flags to the lines of a ruleset')
  .argument('[flags]', 'folder or file', 'flags')
  .option('-p, --previous <file>', 'lines compiled before: users and revisions stay as they are there')
  .option('--version-number <n>', 'the version that changed entries get as their revision', positiveInteger)
  .option('-o, --output <file>', 'write the lines there instead of to standard output')
  .option('--json', 'a summary as JSON instead of the lines', false)
  .addHelpText('after', '\nExample:\n  $ lockstep compile -p old.lines -o new.lines')
  .action(
    exit((path: string, { versionNumber: version, ...options }) =>
      compileCommand(path, version === undefined ? options : { ...options, version }),
    ),
  );

program
  .command('eval')
  .description('evaluate one flag for a context, and say why')
  .argument('<flag>', 'its key')
  .option('-c, --context <json>', 'the context: JSON, @file, or - for standard input', '{}')
  .option('-f, --flags <path>', 'folder or file of authored flags', 'flags')
  .option('--region <name>', 'where the evaluator stands')
  .option('--cloud <name>', 'where the evaluator stands')
  .option('--pop <name>', 'where the evaluator stands')
  .option('--json', 'the decision as JSON', false)
  .addHelpText(
    'after',
    `\nExample:\n  $ lockstep eval pricing.fareBundlingV2 --context '{"targetingKey":"user-1","plan":"gold"}'`,
  )
  .action(exit((key: string, { flags, context, json, ...place }) => evalCommand(key, { flags, context, json, place })));

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
  .action(exit(publish));

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
  .action(exit(rollback));

program
  .command('journal')
  .description('what was published and rolled back, by whom and why')
  .option('--after <n>', 'only entries behind that one', wholeNumber, 0)
  .option('--limit <n>', 'how many at most, up to 1,000', positiveInteger, 100)
  .option('--json', 'the same as JSON', false)
  .addHelpText('after', '\nExample:\n  $ lockstep journal --after 40')
  .action(exit(journal));

program
  .command('dev')
  .description('publish authored flags to the running planet at every save, until interrupted')
  .argument('[flags]', 'folder or file', 'flags')
  .addHelpText('after', '\nExample:\n  $ lockstep dev flags/')
  .action(exit((path: string) => dev(path)));

program
  .command('defaults')
  .description('what evaluators serve before they have any ruleset: the OFFLINE_DEFAULTS of an edge Worker')
  .argument('[flags]', 'folder or file', 'flags')
  .option('--json', 'on one line', false)
  .addHelpText('after', '\nExample:\n  $ lockstep defaults flags/ > offline-defaults.json')
  .action(exit(defaults));

const planet = program.command('planet').description('look at the running planet, and hurt it');

planet
  .command('status')
  .description('what each POP serves and how old it is, processes, links')
  .option('--json', 'the same as JSON', false)
  .addHelpText('after', '\nExample:\n  $ lockstep planet status')
  .action(exit(planetStatusCommand));

planet
  .command('fault')
  .description('delay, drop, cut or lag the calls of a link; restart or kill a process')
  .argument('<link>', 'a link, as edge-dub/kv, or a process, which stands for all of its links')
  .argument('<fault>', 'delay, drop, cut, lag, restart or kill')
  .option('--ms <n>', 'how long, for delay and lag', positiveInteger)
  .option('--share <x>', 'which share of the calls is lost, for drop: 0.2 is a fifth', Number)
  .option('--for <ms>', 'until it heals by itself; how long a restarted process stays away', positiveInteger)
  .option('--json', 'the result as JSON', false)
  .addHelpText(
    'after',
    '\nExamples:\n  $ lockstep planet fault edge-dub/kv cut\n  $ lockstep planet fault edge-sin delay --ms 800 --for 60000\n  $ lockstep planet fault ingest kill',
  )
  .action(exit(planetFault));

planet
  .command('heal')
  .description('take faults away')
  .argument('[link]', 'a link or a process; by default everything')
  .option('--json', 'the result as JSON', false)
  .addHelpText('after', '\nExample:\n  $ lockstep planet heal edge-dub')
  .action(exit(planetHeal));

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

function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return number;
}

function wholeNumber(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}

function confirmations(text: string): Confirmation[] {
  const words = text.split(',');
  const known = CONFIRMATIONS.filter((one) => words.includes(one));
  if (known.length !== words.length) throw new InvalidArgumentError(`there are ${CONFIRMATIONS.join(' and ')}`);
  return known;
}

/** Runs a command; its number is the exit code. */
function exit<Args extends unknown[]>(command: (...args: Args) => Promise<number>): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await command(...args);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  };
}

await program.parseAsync();
