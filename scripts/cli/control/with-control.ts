/** Runs a command against the control plane. 0: done. 1: refused. 2: a mistake in the command, or nobody answers. */
import { CommandError } from '../command-error.ts';
import { type ControlClient, createControlClient } from '../control-client.ts';
import { controlPlace } from '../control-place.ts';
import { ControlRefusal } from '../control-refusal.ts';
import type { ControlOptions } from './options.ts';
import { safeJson } from './safe-json.ts';

export async function withControl(
  options: ControlOptions,
  work: (control: ControlClient) => Promise<number>,
): Promise<number> {
  try {
    return await work(createControlClient(await controlPlace(options)));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (!(error instanceof ControlRefusal)) {
      console.error(error.message);
      return 2;
    }
    if (options.json) console.log(safeJson(error.problem));
    else console.error(error.message);
    return 1;
  }
}
