/** SDK keys and service tokens. */
import type { Command } from 'commander';
import { duration, several } from './arguments.ts';
import { command, group, inEnvironment, pages, speaks, writes, yes } from './control-options.ts';
import { exit } from './exit.ts';

const secrets = () => import('../control/secrets.ts');

export function secretCommands(program: Command): void {
  const keys = group(program, 'keys', 'SDK keys: what reads flags, one for each service');
  creatingKey(keys);
  both(keys, 'key', 'keys', 'search-1');
  const tokens = group(program, 'tokens', 'service tokens: programs that change flags');
  creatingToken(tokens);
  both(tokens, 'token', 'tokens', 'deploys');
}

function both(one: Command, kind: 'key' | 'token', plural: string, key: string): void {
  pages(speaks(command(one, 'list', `${plural}, without their secrets`, `${plural} list`)))
    .option('--q <text>', 'in its name, its description or whose it is')
    .option('-e, --environment <name>', 'of that environment')
    .action(exit(async (options) => (await secrets()).listSecrets(kind, options)));

  speaks(command(one, 'show', `one ${kind}, without its secret`, `${plural} show ${key}`))
    .argument('<name>')
    .action(exit(async (name: string, options) => (await secrets()).showSecret(kind, name, options)));

  const rotate = secretFile(
    writes(
      command(
        one,
        'rotate',
        `a new secret for a ${kind}; the old one goes on for a while`,
        `${plural} rotate ${key} --overlap 24h --reason 'once a quarter'`,
      ),
    ),
  )
    .argument('<name>')
    .option(
      '--overlap <time>',
      'how long, as 90s, 30m, 24h or 7d; by default not at all, and then all others end',
      duration,
    );
  rotate.option('--lost', 'nobody has the newest: it ends at once, and the one before when it was to');
  if (kind === 'key') rotate.option('--namespace <name>', 'the new one sees that namespace; again for more', several);
  rotate.action(exit(async (name: string, options) => (await secrets()).rotateSecret(kind, name, options)));

  yes(
    writes(
      command(
        one,
        'revoke',
        `all secrets of a ${kind}, for good`,
        `${plural} revoke ${key} --reason 'it was in a log' --yes`,
      ),
    ),
  )
    .argument('<name>')
    .action(exit(async (name: string, options) => (await secrets()).revokeSecret(kind, name, options)));
}

const secretFile = (one: Command): Command =>
  one.option('--secret-file <file>', 'write the secret there, for nobody else to read, instead of showing it');

const described = (one: Command): Command =>
  one
    .option('--namespace <name>', 'for that namespace alone; again for more', several)
    .option('--description <text>', 'what it is for')
    .option('--expires <time>', 'RFC 3339; by default it is valid until it is revoked');

function creatingKey(keys: Command): void {
  described(
    secretFile(
      inEnvironment(
        writes(
          command(
            keys,
            'create',
            'a new one; its secret is shown this once',
            "keys create search-1 --kind server --service search --namespace search --reason 'search has flags of its own'",
          ),
        ),
      ),
    ),
  )
    .argument('<name>')
    .requiredOption('--kind <kind>', 'relay, server or client')
    .requiredOption('--service <name>', 'which service it is for')
    .action(exit(async (name: string, options) => (await secrets()).createKey(name, options)));
}

function creatingToken(tokens: Command): void {
  described(
    secretFile(
      writes(
        command(
          tokens,
          'create',
          'a new one; its secret is shown this once',
          "tokens create deploys --owner ana --role editor --in staging --may read --may edit --secret-file deploys.token --reason 'CI ramps flags in staging'",
        ),
      ),
    ),
  )
    .argument('<name>')
    .requiredOption('--owner <person>', 'who answers for it, and approves nothing of what it submits')
    .requiredOption('--role <role>', 'again for more', several)
    .requiredOption('--may <action>', 'read, edit, approve or administer; again for more', several)
    .option('--in <environment>', 'in that environment alone; again for more', several)
    .action(exit(async (name: string, options) => (await secrets()).createToken(name, options)));
}
