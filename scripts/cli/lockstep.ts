#!/usr/bin/env node
/** The command line: its groups of commands, a file each. */
import { Command } from 'commander';
import { auditCommands } from './commands/audit-commands.ts';
import { authoredCommands } from './commands/authored-commands.ts';
import { planetCommands } from './commands/planet-commands.ts';
import { publisherCommands } from './commands/publisher-commands.ts';

const GROUPS: readonly ((program: Command) => void)[] = [
  authoredCommands,
  publisherCommands,
  planetCommands,
  auditCommands,
];

const program = new Command('lockstep')
  .description('Author, check, publish and explain feature flags.')
  .showHelpAfterError('(add --help for usage)')
  .configureHelp({ sortSubcommands: true });
for (const register of GROUPS) register(program);

await program.parseAsync();
