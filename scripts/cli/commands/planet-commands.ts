/** The planet that runs on this machine. */
import type { Command } from 'commander';
import { positiveInteger, share, wholeNumber } from './arguments.ts';
import { group } from './control-options.ts';
import { exit } from './exit.ts';

export function planetCommands(program: Command): void {
  program
    .command('convergence')
    .description('which version is in force where, by the word of those who have it')
    .option('-v, --version <n>', 'the version; by default the one that everybody ought to have', positiveInteger)
    .option('--region <name>', 'only this region')
    .option('--wait', 'until it is in force everywhere', false)
    .option('--timeout <seconds>', 'how long to wait', positiveInteger, 60)
    .option('--json', 'the board as JSON', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 in force everywhere, 1 failed, 2 not everywhere\n\nExample:\n  $ lockstep convergence --version 12 --wait --timeout 30',
    )
    .action(exit(async (options) => (await import('../convergence.ts')).convergenceCommand(options)));

  const planet = group(program, 'planet', 'look at the running planet, and hurt it');

  planet
    .command('status')
    .description('what each POP serves and how old it is, processes, links')
    .option('--json', 'the same as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep planet status')
    .action(exit(async (options) => (await import('../planet-status.ts')).planetStatusCommand(options)));

  planet
    .command('fault')
    .description('delay, drop, cut or lag the calls of a link; restart or kill a process')
    .argument('<link>', 'a link, as edge-dub/kv, or a process, which stands for all of its links')
    .argument('<fault>', 'delay, drop, cut, lag, restart or kill')
    .option('--ms <n>', 'how long, for delay and lag', positiveInteger)
    .option('--share <x>', 'which share of the calls is lost, for drop: 0.2 is a fifth', share)
    .option('--for <ms>', 'until it heals by itself; how long a restarted process stays away', positiveInteger)
    .option('--json', 'the result as JSON', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ lockstep planet fault edge-dub/kv cut\n  $ lockstep planet fault edge-sin delay --ms 800 --for 60000\n  $ lockstep planet fault ingest kill',
    )
    .action(
      exit(async (link: string, fault: string, options) =>
        (await import('../planet-fault.ts')).planetFault(link, fault, options),
      ),
    );

  planet
    .command('heal')
    .description('take faults away')
    .argument('[link]', 'a link or a process; by default everything')
    .option('--json', 'the result as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep planet heal edge-dub')
    .action(
      exit(async (link: string | undefined, options) => (await import('../planet-fault.ts')).planetHeal(link, options)),
    );

  planet
    .command('traffic')
    .description(
      'send users who browse, check out, fail and retry; then hold what ingest counted against what they were told',
    )
    .option('--rate <n>', 'visits a second', positiveInteger, 20)
    .option('--seconds <n>', 'for how long they come', positiveInteger, 30)
    .option('--users <n>', 'how many there are', positiveInteger, 1_000)
    .option('--seed <n>', 'the same users on the same ways; by default others each time', wholeNumber)
    .option('--json', 'the result as JSON', false)
    .addHelpText(
      'after',
      '\nCtrl-C ends it early. Users of a seed that the planet has seen already are nobody new to ingest.\n\nExit codes: 0 ingest counted what users were told, 1 failed, 2 it counted something else\n\nExample:\n  $ lockstep planet traffic --rate 50 --seconds 60 --seed 7',
    )
    .action(exit(async (options) => (await import('../planet-traffic.ts')).planetTraffic(options)));
}
