/** Changes of any kind, and change requests. */
import type { Command } from 'commander';
import { command, group, inEnvironment, once, pages, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const requests = () => import('../control/change-requests.ts');
const changes = () => import('../control/changes.ts');

export function changeCommands(program: Command): void {
  const all = group(program, 'changes', 'any list of operations as one change');
  writes(
    command(all, 'submit', 'do all of it, or none', "changes submit change.json --reason 'the new checkout' --dry-run"),
  )
    .argument('<file>', '{"operations": [...]}, or the list alone; - for standard input')
    .action(exit(async (file: string, options) => (await changes()).submitChange(file, options)));

  inEnvironment(
    speaks(
      command(
        program,
        'preview',
        'which contexts of a sample a change would serve something else',
        'preview change.json --contexts users.ndjson',
      ),
    ),
  )
    .argument('<file>', '{"operations": [...]}, or the list alone')
    .requiredOption('-c, --contexts <file>', 'contexts, one a line; - for standard input')
    .option('--region <name>', 'where they ask, for rules on that; no context says it')
    .option('--cloud <name>')
    .option('--pop <name>')
    .action(exit(async (file: string, options) => (await changes()).preview(file, options)));

  const cr = group(program, 'cr', 'change requests: what waits for somebody');
  looking(cr);
  deciding(cr);
}

function looking(cr: Command): void {
  pages(speaks(command(cr, 'list', 'those that are open', 'cr list --flag pricing.fareBundlingV2')))
    .option('--status <status>', 'open, approved, scheduled or voided')
    .option('-e, --environment <name>', 'that affect it')
    .option('--author <person>', 'whose they are')
    .option('--flag <key>', 'that affect it')
    .option('--q <text>', 'in the reason')
    .action(exit(async (options) => (await requests()).listRequests(options)));

  speaks(command(cr, 'show', 'what it changes, its hash, and who is missing', 'cr show <id>'))
    .argument('<id>')
    .action(exit(async (id: string, options) => (await requests()).showRequest(id, options)));
}

function deciding(cr: Command): void {
  const seen = (one: Command): Command =>
    once(speaks(one)).option('--hash <hash>', 'that which was seen; by default it is looked at now');

  yes(
    seen(
      command(
        cr,
        'approve',
        'show it, ask, and approve what was shown',
        'cr approve <id>',
        'cr approve <id> --hash <hash>',
      ),
    ),
  )
    .argument('<id>')
    .action(exit(async (id: string, options) => (await requests()).approveRequest(id, options)));

  for (const [how, what] of [
    ['decline', 'as somebody who could approve it'],
    ['withdraw', 'as whoever wrote it'],
  ] as const) {
    once(speaks(command(cr, how, `close it, ${what}`, `cr ${how} <id> --reason 'not before the holidays'`)))
      .argument('<id>')
      .requiredOption('-r, --reason <text>', 'why; it stays in the log')
      .action(exit(async (id: string, options) => (await requests()).closeRequest(id, how, options)));
  }

  seen(command(cr, 'apply', 'put an approved one into force', 'cr apply <id>'))
    .argument('<id>')
    .action(exit(async (id: string, options) => (await requests()).applyRequest(id, options)));

  seen(
    command(
      cr,
      'schedule',
      'when it takes effect; voids approvals',
      'cr schedule <id> 2026-12-01T08:00:00Z',
      'cr schedule <id> by-hand',
    ),
  )
    .argument('<id>')
    .argument('<when>', 'a time (RFC 3339), by-hand or when-approved')
    .action(exit(async (id: string, at: string, options) => (await requests()).scheduleRequest(id, at, options)));

  writes(
    command(
      cr,
      'amend',
      'another change in its place; voids approvals',
      "cr amend <id> change.json --reason 'ten percent, not twenty'",
    ),
  )
    .argument('<id>')
    .argument('<file>', '{"operations": [...]}, or the list alone; - for standard input')
    .option('--hash <hash>', 'that which was seen; by default it is looked at now')
    .action(exit(async (id: string, file: string, options) => (await requests()).amendRequest(id, file, options)));
}
