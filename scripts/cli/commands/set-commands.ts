/** Whole environments as files, and back. */
import type { Command } from 'commander';
import { command, inEnvironment, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const sets = () => import('../control/sets.ts');

export function setCommands(program: Command): void {
  inEnvironment(
    speaks(
      command(
        program,
        'export',
        'all items of an environment as files in the form of flags/*.yaml',
        'export --out flags',
        'export > everything.yaml',
        'export --whole > organisation.json',
      ),
    ),
  )
    .option('-o, --out <folder>', 'write files there instead of to standard output')
    .option('--whole', 'the whole organisation, as JSON: projects, policies, every environment; no secrets')
    .action(exit(async (options) => (await sets()).exportItems(options)));

  yes(
    inEnvironment(
      writes(
        command(
          program,
          'import',
          'make an environment what files say',
          "import flags --reason 'release 41' --dry-run",
          "import flags --prune --reason 'release 41' --yes",
        ),
      ),
    ),
  )
    .argument('[path]', 'folder or file', 'flags')
    .option('--prune', 'archive what is not there')
    .option('--whole', 'a file of export --whole')
    .action(exit(async (path: string, options) => (await sets()).importItems(path, options)));

  inEnvironment(
    speaks(
      command(program, 'drift', 'where files and an environment differ; exit code 1 where they do', 'drift flags'),
    ),
  )
    .argument('[path]', 'folder or file', 'flags')
    .action(exit(async (path: string, options) => (await sets()).drift(path, options)));
}
