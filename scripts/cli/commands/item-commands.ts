/** Flags, segments, layers and holdouts. */
import type { Command } from 'commander';
import { several } from './arguments.ts';
import { command, group, inEnvironment, pages, revision, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const KINDS = [
  { kind: 'flag', plural: 'flags', key: 'pricing.fareBundlingV2', file: 'flags/pricing.yaml' },
  { kind: 'segment', plural: 'segments', key: 'beta-testers', file: 'flags/shared.yaml' },
  { kind: 'layer', plural: 'layers', key: 'checkout-experiments', file: 'flags/shared.yaml' },
  { kind: 'holdout', plural: 'holdouts', key: 'q4-holdout', file: 'flags/shared.yaml' },
] as const;

type Shape = (typeof KINDS)[number];

const items = () => import('../control/items.ts');

export function itemCommands(program: Command): void {
  for (const shape of KINDS) {
    const one = group(program, shape.plural, `look at ${shape.plural} of an environment, and change them`);
    looking(one, shape);
    changing(one, shape);
    if (shape.kind === 'flag') switching(one);
  }
}

function looking(one: Command, { kind, plural, key }: Shape): void {
  pages(
    inEnvironment(
      speaks(
        command(
          one,
          'list',
          `${plural}, in order of key`,
          `${plural} list --q ${key.slice(0, 4)}`,
          `${plural} list --owner pricing --tag q4 --all --json`,
        ),
      ),
    ),
  )
    .option('--q <text>', 'in the key, the description, the owner or a tag')
    .option('--project <key>', 'of that project')
    .option('--owner <name>', 'of that owner')
    .option('--tag <tag>', 'with that tag', several)
    .option('--archived <which>', 'true: only archived ones; all: these too')
    .action(exit(async (options) => (await items()).listItems(kind, options)));

  inEnvironment(
    speaks(command(one, 'get', `one ${kind}`, `${plural} get ${key}`, `${plural} get ${key} --yaml > ${kind}.yaml`)),
  )
    .argument('<key>')
    .option('--yaml', 'as a file, in the form of flags/*.yaml')
    .action(exit(async (name: string, options) => (await items()).getItem(kind, name, options)));

  pages(
    inEnvironment(
      speaks(
        command(one, 'history', `what happened to a ${kind}, the newest first`, `${plural} history ${key} --limit 5`),
      ),
    ),
  )
    .argument('<key>')
    .action(
      exit(async (name: string, options) =>
        (await import('../control/audit-log.ts')).itemHistory(
          { kind, key: name, environment: options.environment },
          options,
        ),
      ),
    );
}

function changing(one: Command, { kind, plural, key, file }: Shape): void {
  revision(
    inEnvironment(
      writes(
        command(
          one,
          'set',
          `make or change a ${kind}`,
          `${plural} set ${key} --file ${file} --reason 'as agreed' --dry-run`,
          `${plural} set ${key} --owner pricing --tag q4 --reason 'who owns it'`,
        ),
      ),
    ),
  )
    .argument('<key>')
    .option('-f, --file <file>', 'its body, or a file in the form of flags/*.yaml that has it; - for standard input')
    .option('--project <key>', 'what it belongs to')
    .option('--owner <name>', 'who owns it')
    .option('--tag <tag>', 'the tags that it has then; again for more', several)
    .action(exit(async (name: string, options) => (await items()).setItem(kind, name, options)));

  for (const [step, what] of [
    ['archive', `take a ${kind} out of what is served`],
    ['restore', `put an archived ${kind} back as it was`],
  ] as const) {
    revision(inEnvironment(writes(command(one, step, what, `${plural} ${step} ${key} --reason 'nobody asks for it'`))))
      .argument('<key>')
      .action(exit(async (name: string, options) => (await items()).stepItem(kind, step, name, options)));
  }

  yes(
    revision(
      inEnvironment(
        writes(
          command(
            one,
            'delete',
            `delete an archived ${kind} for good`,
            `${plural} delete ${key} --reason 'archived for a year'`,
          ),
        ),
      ),
    ),
  )
    .argument('<key>')
    .action(exit(async (name: string, options) => (await items()).stepItem(kind, 'delete', name, options)));

  inEnvironment(
    writes(
      command(
        one,
        'copy',
        `copy a ${kind} to another environment, or under another key`,
        `${plural} copy ${key} --to staging --reason 'to try it there'`,
      ),
    ),
  )
    .argument('<key>')
    .option('--to <environment>', 'by default the same')
    .option('--key <key>', 'by default the same')
    .option('--replace', 'what is there already, whatever it is')
    .action(exit(async (name: string, options) => (await items()).copyItem(kind, name, options)));
}

function switching(one: Command): void {
  const switches = () => import('../control/flag-switches.ts');
  for (const state of ['on', 'off'] as const) {
    const what = state === 'on' ? 'evaluate a flag' : 'serve the off variation of a flag to everybody';
    revision(
      inEnvironment(
        writes(command(one, state, what, `flags ${state} pricing.fareBundlingV2 --reason 'two prices in one session'`)),
      ),
    )
      .argument('<key>')
      .action(exit(async (name: string, options) => (await switches()).switchFlag(name, state === 'on', options)));
  }

  revision(
    inEnvironment(
      writes(
        command(
          one,
          'ramp',
          'set shares of a split, in percent; the rest goes to its rest',
          `flags ramp pricing.fareBundlingV2 v2=25 --reason 'a quarter'`,
          `flags ramp pricing.dynamicMarkup high=30 low=5 --rule high-season --reason 'as agreed' --dry-run`,
        ),
      ),
    ),
  )
    .argument('<key>')
    .argument('<share...>', 'as v2=25')
    .option('--rule <id>', 'of that rule, instead of the fallthrough')
    .action(
      exit(async (name: string, shares: readonly string[], options) =>
        (await switches()).rampFlag(name, shares, options),
      ),
    );
}
