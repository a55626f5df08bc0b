/** Projects, environments and policies. */
import type { Command } from 'commander';
import { command, group, pages, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const KINDS = [
  { kind: 'project', plural: 'projects', key: 'checkout', set: "--name 'The checkout'" },
  { kind: 'environment', plural: 'environments', key: 'staging', set: '--name Staging' },
  { kind: 'policy', plural: 'policies', key: 'pricing', set: '--file policy.yaml' },
] as const;

const records = () => import('../control/records.ts');

export function recordCommands(program: Command): void {
  for (const shape of KINDS) recordGroup(program, shape);
}

function recordGroup(program: Command, { kind, plural, key, set }: (typeof KINDS)[number]): void {
  const one = group(program, plural, `look at ${plural}, and change them`);
  pages(speaks(command(one, 'list', `${plural}, in order of key`, `${plural} list`)))
    .option('--q <text>', 'in the key or the description')
    .action(exit(async (options) => (await records()).listRecords(kind, options)));

  speaks(command(one, 'get', `one ${kind}`, `${plural} get ${key}`))
    .argument('<key>')
    .action(exit(async (name: string, options) => (await records()).getRecord(kind, name, options)));

  const setting = writes(
    command(one, 'set', `make or change a ${kind}`, `${plural} set ${key} ${set} --reason 'as agreed'`),
  )
    .argument('<key>')
    .option('-f, --file <file>', 'its body as YAML or JSON; - for standard input');
  if (kind !== 'policy')
    setting.option('--name <text>', 'what people call it').option('--description <text>', 'what it is for');
  setting.action(exit(async (name: string, options) => (await records()).setRecord(kind, name, options)));

  yes(
    writes(
      command(one, 'delete', `delete a ${kind} for good`, `${plural} delete ${key} --reason 'not needed any more'`),
    ),
  )
    .argument('<key>')
    .action(exit(async (name: string, options) => (await records()).deleteRecord(kind, name, options)));
}
