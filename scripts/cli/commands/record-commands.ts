/** Projects, environments, policies and webhooks. */
import type { Command } from 'commander';
import { several } from './arguments.ts';
import { command, group, pages, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const KINDS = [
  { kind: 'project', plural: 'projects', key: 'checkout', set: "--name 'The checkout'" },
  { kind: 'environment', plural: 'environments', key: 'staging', set: '--name Staging' },
  { kind: 'policy', plural: 'policies', key: 'pricing', set: '--file policy.yaml' },
  { kind: 'webhook', plural: 'webhooks', key: 'chat', set: "--to https://chat.example/in --event '*' --in production" },
] as const;

type Shape = (typeof KINDS)[number];

const records = () => import('../control/records.ts');

export function recordCommands(program: Command): void {
  for (const shape of KINDS) {
    const one = recordGroup(program, shape);
    if (shape.kind === 'webhook') deliveries(one);
  }
}

function recordGroup(program: Command, { kind, plural, key, set }: Shape): Command {
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
  fields(setting, kind);
  setting.action(exit(async (name: string, options) => (await records()).setRecord(kind, name, options)));

  yes(
    writes(
      command(one, 'delete', `delete a ${kind} for good`, `${plural} delete ${key} --reason 'not needed any more'`),
    ),
  )
    .argument('<key>')
    .action(exit(async (name: string, options) => (await records()).deleteRecord(kind, name, options)));
  return one;
}

/** Those that can be set without a file. */
function fields(setting: Command, kind: Shape['kind']): void {
  if (kind === 'policy') return;
  setting.option('--description <text>', 'what it is for');
  if (kind === 'webhook') {
    setting
      .option('--to <url>', 'where what happens is sent')
      .option('--event <event>', 'as change.applied; * for all; again for more', several)
      .option('--in <environment>', 'what happens there; * for all; again for more', several)
      .option('--enable', 'send')
      .option('--no-enable', 'send nothing, and not later either');
  } else setting.option('--name <text>', 'what people call it');
}

function deliveries(webhooks: Command): void {
  const sent = () => import('../control/webhooks.ts');
  pages(
    speaks(
      command(
        webhooks,
        'deliveries',
        'what it was sent, or is to be, the newest first',
        'webhooks deliveries chat --limit 5',
      ),
    ),
  )
    .argument('<key>')
    .action(exit(async (key: string, options) => (await sent()).listDeliveries(key, options)));

  speaks(
    command(
      webhooks,
      'test',
      'send it something that means nothing; exit code 1 where it is not taken',
      'webhooks test chat',
    ),
  )
    .argument('<key>')
    .action(exit(async (key: string, options) => (await sent()).testWebhook(key, options)));

  speaks(command(webhooks, 'retry', 'send one delivery again, at once', 'webhooks retry chat msg_1'))
    .argument('<key>')
    .argument('<id>')
    .action(exit(async (key: string, id: string, options) => (await sent()).retryDelivery(key, id, options)));

  speaks(command(webhooks, 'keys', 'the public keys that a receiver verifies with', 'webhooks keys')).action(
    exit(async (options) => (await sent()).webhookKeys(options)),
  );
}
