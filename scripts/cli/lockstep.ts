#!/usr/bin/env node
/** The command line: parses arguments, runs a command, turns its errors into words and exit codes. */
import { Command, InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.ts';
import { compileCommand } from './compile.ts';
import { evalCommand } from './eval.ts';
import { lint } from './lint.ts';
import { publish } from './publish.ts';

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
  .description('compile, sign and write authored flags to the running planet')
  .argument('[flags]', 'folder or file', 'flags')
  .option('--dry-run', 'say what would change, and write nothing', false)
  .option('--json', 'the result as JSON', false)
  .addHelpText('after', '\nExample:\n  $ lockstep publish flags/')
  .action(exit(publish));

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return number;
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
