/** The command line: its groups of commands, a file each. What a command needs is loaded once it runs. */
import { Command } from 'commander';
import { auditCommands } from './commands/audit-commands.ts';
import { authoredCommands } from './commands/authored-commands.ts';
import { changeCommands } from './commands/change-commands.ts';
import { withMistakes } from './commands/control-options.ts';
import { exposureCommands } from './commands/exposure-commands.ts';
import { itemCommands } from './commands/item-commands.ts';
import { planetCommands } from './commands/planet-commands.ts';
import { publisherCommands } from './commands/publisher-commands.ts';
import { recordCommands } from './commands/record-commands.ts';
import { rolloutCommands } from './commands/rollout-commands.ts';
import { secretCommands } from './commands/secret-commands.ts';
import { setCommands } from './commands/set-commands.ts';
import { statusCommands } from './commands/status-commands.ts';

const GROUPS: readonly ((program: Command) => void)[] = [
  authoredCommands,
  itemCommands,
  setCommands,
  changeCommands,
  recordCommands,
  secretCommands,
  statusCommands,
  auditCommands,
  rolloutCommands,
  publisherCommands,
  exposureCommands,
  planetCommands,
];

export function createProgram(): Command {
  const program = new Command('lockstep')
    .description('Author, check, publish and explain feature flags.')
    .showHelpAfterError('(add --help for usage)')
    .configureHelp({ sortSubcommands: true });
  for (const register of GROUPS) register(program);
  // Only now, since for some of them 2 means something else.
  return withMistakes(program);
}
