/** `lockstep rollback`: break-glass. Puts flags back to what they served before, without compiling anything. */
import { CommandError } from './command-error.ts';
import { changeText } from './compile.ts';
import { targetText } from './publish.ts';
import { publisherOf } from './publisher.ts';
import { refusalText } from './publisher-refusal.ts';
import { runningPlanet } from './running-planet.ts';

export interface RollbackOptions {
  readonly version?: number;
  readonly reason: string;
  readonly json: boolean;
}

export async function rollback(flags: readonly string[], { version, reason, json }: RollbackOptions): Promise<number> {
  if (flags.length === 0 && version === undefined) throw new CommandError('say which flags, or which --version');
  const publisher = publisherOf(await runningPlanet(), 'breakGlass');
  const answer = await publisher.goBack({
    reason,
    ...(flags.length > 0 && { flags }),
    ...(version !== undefined && { version }),
  });
  if (!answer.ok) throw new CommandError(await refusalText(answer.error, publisher));
  const { changes, targets, journalId } = answer.value;
  if (json) console.log(JSON.stringify(answer.value, null, 2));
  else {
    const done = `rolled back in version ${answer.value.version}, entry ${journalId} of the journal`;
    console.log([changeText(changes, []), done, ...(targets.length > 0 ? [targetText(targets)] : [])].join('\n'));
  }
  return 0;
}
