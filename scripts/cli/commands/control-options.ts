/** Options that commands of the control plane share, and how each is described. */
import { type Command, InvalidArgumentError } from 'commander';
import { confirmations, keys, positiveInteger } from './arguments.ts';

const EXIT_CODES =
  '\nExit codes: 0 done, also where a change waits for approval; 1 refused; 2 a mistake in the command, or nobody answers';

/** A group of commands, as `flags`. */
export const group = (program: Command, name: string, description: string): Command =>
  withMistakes(program.command(name).description(description));

/** A command, its examples as somebody would type them. */
export const command = (group: Command, usage: string, description: string, ...examples: readonly string[]): Command =>
  withMistakes(group.command(usage).description(description)).addHelpText(
    'after',
    `${EXIT_CODES}\n\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((one) => `  $ lockstep ${one}`).join('\n')}`,
  );

/** A mistake in the command ends it with 2: 1 is what it came to. Commands that are added to it afterwards do the same. */
export const withMistakes = (one: Command): Command =>
  one.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

export const speaks = (one: Command): Command =>
  one
    .option('--json', 'the answer as JSON')
    .option('--url <url>', 'the control plane; by default LOCKSTEP_URL, else that of the running planet')
    .option('--token-file <file>', 'where the token is; by default LOCKSTEP_TOKEN')
    .option('--as <person>', 'who of the running planet asks (default: admin)');

export const inEnvironment = (one: Command): Command =>
  one.option('-e, --environment <name>', 'by default LOCKSTEP_ENVIRONMENT, or that of the planet');

export const pages = (one: Command): Command =>
  one
    .option('--limit <n>', 'how many at a time, up to 500', positiveInteger)
    .option('--cursor <cursor>', 'where to go on')
    .option('--all', 'page after page, to the end');

export const once = (one: Command): Command =>
  one.option('--idempotency-key <key>', 'the same command with the same key is done once', idempotencyKey);

export const OVERRIDE =
  'session flags of the change whose new variations are given before every region has them; also of what waits already';

/** Options of whatever becomes a change. */
export const writes = (one: Command): Command =>
  once(speaks(one))
    .requiredOption('-r, --reason <text>', 'why; it stays in the log')
    .option('--ticket <id>', 'the change ticket, where a policy asks for one')
    .option('--by-hand', 'once it is approved, only when somebody applies it')
    .option('--at <time>', 'not before: RFC 3339, as 2026-12-01T08:00:00Z')
    .option('--confirm <what>', 'what is on purpose where much changes at once: size,emptied', confirmations)
    .option('--override <flags>', OVERRIDE, keys)
    .option('--dry-run', 'what would change and who would have to approve; changes nothing');

export const revision = (one: Command): Command =>
  one.option('--revision <n>', 'only if it is still at that revision', positiveInteger);

export const yes = (one: Command): Command => one.option('-y, --yes', 'without asking');

/** What goes into a header as it is. */
function idempotencyKey(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new InvalidArgumentError('must be 1 to 255 visible ASCII characters');
  return text;
}
