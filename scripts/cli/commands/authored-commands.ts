/** Flags on disk: check them, compile them, explain a decision. */
import type { Command } from 'commander';
import { positiveInteger } from './arguments.ts';
import { withMistakes } from './control-options.ts';
import { exit } from './exit.ts';

export function authoredCommands(program: Command): void {
  withMistakes(program.command('lint'))
    .description('check authored flags; each issue with its file, line and column')
    .argument('[flags]', 'folder or file', 'flags')
    .option('--json', 'issues as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep lint flags --json')
    .action(exit(async (path: string, options) => (await import('../lint.ts')).lint(path, options)));

  withMistakes(program.command('compile'))
    .description('compile authored flags to the lines of a ruleset')
    .argument('[flags]', 'folder or file', 'flags')
    .option('-p, --previous <file>', 'lines compiled before: users and revisions stay as they are there')
    .option('--version-number <n>', 'the version that changed entries get as their revision', positiveInteger)
    .option('-o, --output <file>', 'write the lines there instead of to standard output')
    .option('--json', 'a summary as JSON instead of the lines', false)
    .addHelpText('after', '\nExample:\n  $ lockstep compile -p old.lines -o new.lines')
    .action(
      exit(async (path: string, { versionNumber: version, ...options }) =>
        (await import('../compile.ts')).compileCommand(path, version === undefined ? options : { ...options, version }),
      ),
    );

  withMistakes(program.command('eval'))
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
    .action(
      exit(async (key: string, { flags, context, json, ...place }) =>
        (await import('../eval.ts')).evalCommand(key, { flags, context, json, place }),
      ),
    );

  withMistakes(program.command('defaults'))
    .description('what evaluators serve before they have any ruleset: the OFFLINE_DEFAULTS of an edge Worker')
    .argument('[flags]', 'folder or file', 'flags')
    .option('--json', 'on one line', false)
    .addHelpText('after', '\nExample:\n  $ lockstep defaults flags/ > offline-defaults.json')
    .action(exit(async (path: string, options) => (await import('../defaults.ts')).defaults(path, options)));

  withMistakes(program.command('types'))
    .description('TypeScript for programs that ask for flags: what each serves, and its offline default')
    .argument('[flags]', 'folder or file', 'flags')
    .option('-o, --out <file>', 'write it there instead of to standard output')
    .addHelpText('after', '\nExample:\n  $ lockstep types --out src/flags.ts')
    .action(exit(async (path: string, options) => (await import('../types.ts')).types(path, options)));
}
