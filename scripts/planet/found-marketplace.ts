/** Founds the marketplace's organisation through the API that everybody has, as one entry of its log, and waits until it is published. */

import { issueText } from '#ruleset/write/yaml-file';
import { CommandError } from '../cli/command-error.ts';
import { createControlClient } from '../cli/control-client.ts';
import { placeOfPlanet } from '../cli/control-place.ts';
import { standingOf, untilPublished } from '../cli/control-standing.ts';
import { readFlags } from '../cli/flags-folder.ts';
import { ENVIRONMENT } from './layout.ts';
import { foundingOperations } from './marketplace.ts';
import type { PlanetFile } from './state.ts';

const DEADLINE_MS = 60_000;
const JUSTIFICATION = 'The marketplace, as flags/ has it.';

/**
 * Founding is one command, done whole or not at all: a planet that was killed in the middle finds an empty log and founds it, or a log with
 * its first entry, which the outbox goes on to publish.
 */
export async function foundMarketplace(
  planet: PlanetFile,
  flags: string,
  progress: (text: string) => void,
): Promise<void> {
  const control = createControlClient(placeOfPlanet(planet, 'admin'));
  const { entries } = await standingOf(control);
  if (entries === 0) {
    progress(`founding the marketplace of ${flags}/`);
    const read = await readFlags(flags);
    if (!read.ok) throw new CommandError(issueText(read.error));
    const operations = foundingOperations(read.value.authored);
    const body = { operations, defaultPolicies: true, justification: JUSTIFICATION };
    await control.must({ method: 'POST', path: '/v1/organisation', body, deadlineMs: DEADLINE_MS });
  }
  const { version, frozen } = await untilPublished(control, ENVIRONMENT, DEADLINE_MS);
  if (frozen || version === 0) progress('config is frozen: the publisher does not take what waits for it');
}
