/** `lockstep rollback`: break-glass. Puts flags back to what they served before, without compiling anything. */
import { CommandError } from './command-error.ts';
import { changeText } from './compile.ts';
import { followed } from './followed.ts';
import { targetText } from './published.ts';
import { type PublisherAnswer, publisherOf } from './publisher.ts';
import { refusalOf } from './publisher-refusal.ts';
import { runningPlanet } from './running-planet.ts';
import { tellingRefusals } from './telling-refusals.ts';

export interface RollbackOptions {
  readonly version?: number;
  readonly reason: string;
  readonly json: boolean;
  /** Whether POPs are waited for. */
  readonly wait: boolean;
}

export async function rollback(flags: readonly string[], options: RollbackOptions): Promise<number> {
  const { version, reason, json, wait } = options;
  if (flags.length === 0 && version === undefined) throw new CommandError('say which flags, or which --version');
  return tellingRefusals(json, async () => {
    const planet = await runningPlanet();
    const publisher = publisherOf(planet, 'breakGlass');
    const answer = await publisher.goBack({
      reason,
      ...(flags.length > 0 && { flags }),
      ...(version !== undefined && { version }),
    });
    if (!answer.ok) throw refusalOf(answer.error);
    const { pops, text, code } = await followed(planet, answer.value, wait);
    console.log(
      json ? JSON.stringify({ ...answer.value, pops }, null, 2) : [doneText(answer.value), ...text].join('\n'),
    );
    return code;
  });
}

function doneText({ version, changes, journalId, targets, dropped }: PublisherAnswer): string {
  const done = `rolled back in version ${version}, entry ${journalId} of the journal`;
  return [
    changeText(changes, []),
    done,
    ...(dropped ? [`version ${dropped.version}, which not everybody had, is dropped with all that it brought`] : []),
    ...(targets.length > 0 ? [targetText(targets)] : []),
  ].join('\n');
}
