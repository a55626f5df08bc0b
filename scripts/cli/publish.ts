/** `lockstep publish`: compiles authored flags on top of what is in force, and hands them to the publisher. */
import { type ChangeClass, classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Moved } from '#ruleset/write/moved';
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';
import { changeText } from './compile.ts';
import { mustCompileFlags } from './flags-folder.ts';
import { type Confirmation, type Publisher, publisherOf, type Target } from './publisher.ts';
import { refusalText } from './publisher-refusal.ts';
import { runningPlanet } from './running-planet.ts';
import { table } from './table.ts';

export interface PublishOptions {
  readonly dryRun: boolean;
  readonly confirm?: readonly Confirmation[];
  readonly acknowledge?: number;
}

export interface Published {
  /** The version in force now; 0 where nothing ever was. */
  readonly version: number;
  readonly published: boolean;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly moved: readonly Moved[];
  readonly targets: readonly Target[];
}

/** How often it is tried again on top of what somebody else published meanwhile. */
const RETRIES = 4;

export async function publish(
  path: string,
  { json, ...options }: PublishOptions & { readonly json: boolean },
): Promise<number> {
  const publisher = publisherOf(await runningPlanet(), 'publisher');
  const result = await publishFlags(path, publisher, options);
  console.log(json ? JSON.stringify(result, null, 2) : publishedText(result));
  return 0;
}

export async function publishFlags(path: string, publisher: Publisher, options: PublishOptions): Promise<Published> {
  const { dryRun, confirm, acknowledge } = options;
  for (let retries = RETRIES; ; retries--) {
    const { version: base, lines: previous } = await publisher.lines();
    const before = parseLines(previous);
    const { lines, entries, moved } = await mustCompileFlags(path, before, base + 1);
    if (dryRun) {
      const changes = Object.fromEntries(classify(before, entries));
      return { version: base, published: false, changes, moved, targets: [] };
    }
    const order = { base, lines, ...(confirm && { confirm }), ...(acknowledge !== undefined && { acknowledge }) };
    const answer = await publisher.publish(order);
    if (answer.ok) {
      const { version, published, changes, targets } = answer.value;
      return { version, published, changes, moved, targets };
    }
    if (retries === 0 || !isOvertaken(answer.error)) {
      throw new CommandError(await refusalText(answer.error, publisher));
    }
  }
}

/** Whether it is refused because somebody else has published since: then the publisher names what is in force. */
const isOvertaken = ({ status, ...members }: ProblemAnswer): boolean =>
  status === 409 && members['inForce'] !== undefined;

/** What changed, what is in force, and which stores have it. */
export function publishedText({ changes, moved, version, published, targets }: Published): string {
  const inForce = version === 0 ? 'nothing is in force yet' : `version ${version} stays in force`;
  const parts = [changeText(changes, moved), published ? `published version ${version}` : inForce];
  if (targets.length > 0) parts.push(targetText(targets));
  return parts.join('\n');
}

export const targetText = (targets: readonly Target[]): string =>
  table(
    targets.map(({ name, state, version, error }) => [
      `target ${name}`,
      state,
      version === null ? 'nothing yet' : `version ${version}`,
      error ?? '',
    ]),
  );
