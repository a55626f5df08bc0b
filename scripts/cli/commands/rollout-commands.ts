/** Rollouts on disk: check a rollout file, explain what guardrails make of statistics. */
import type { Command } from 'commander';
import { group } from './control-options.ts';
import { exit } from './exit.ts';

export function rolloutCommands(program: Command): void {
  const rollout = group(program, 'rollout', 'ramps, and what guardrails make of them');

  rollout
    .command('check')
    .description('check a rollout file, each mistake with its line and column, and show what it would do')
    .argument('<file>', 'the rollout file, or - for standard input')
    .option('--json', 'the plan with its defaults, or the issues, as JSON', false)
    .addHelpText('after', '\nExample:\n  $ lockstep rollout check docs/examples/fare-bundling.rollout.yaml')
    .action(exit(async (file: string, options) => (await import('../rollout/check.ts')).checkRollout(file, options)));

  rollout
    .command('explain')
    .description('what each guardrail makes of statistics: arms, estimate, evidence, verdict, time to decide')
    .requiredOption('--from <file>', 'a rollout and what was seen of it, as JSON, or - for standard input')
    .option('--json', 'the explanation as JSON', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all pass, 1 one fails, 3 it holds, 2 a mistake in the command or the file' +
        '\n\nExample:\n  $ lockstep rollout explain --from docs/examples/founding-incident.json',
    )
    .action(exit(async (options) => (await import('../rollout/explain.ts')).explainRollout(options)));
}
