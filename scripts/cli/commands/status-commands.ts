/** How the control plane stands, and who asks. */
import type { Command } from 'commander';
import { several } from './arguments.ts';
import { command, once, speaks } from './control-options.ts';
import { exit } from './exit.ts';

const standing = () => import('../control/status.ts');

export function statusCommands(program: Command): void {
  speaks(
    command(program, 'status', 'the log, and what of each environment is published, waits or is frozen', 'status'),
  ).action(exit(async (options) => (await standing()).status(options)));

  speaks(command(program, 'whoami', 'who the token is, with roles and scopes', 'whoami --as ben')).action(
    exit(async (options) => (await standing()).whoami(options)),
  );

  once(
    speaks(
      command(
        program,
        'found',
        'begin an organisation: environments and the default policies, once',
        "found --environment production --environment staging --reason 'to begin with'",
      ),
    ),
  )
    .requiredOption('-r, --reason <text>', 'why; it is the first entry of the log')
    .option('-e, --environment <name>', 'again for more', several)
    .option('-f, --file <file>', 'operations to begin with')
    .action(exit(async (options) => (await standing()).found(options)));
}
