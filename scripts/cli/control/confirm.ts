/** Asks a person before what cannot be taken back, or binds them. */
import { createInterface } from 'node:readline/promises';
import { CommandError } from '../command-error.ts';

/** Where nobody can be asked, `--yes` has to say it. */
export async function mustConfirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new CommandError(`${question} Say so with --yes: there is nobody to ask`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('nothing was done');
  } finally {
    lines.close();
  }
}
