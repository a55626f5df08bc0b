/** `lockstep publish`: compiles authored flags on top of what is in force, and hands them to the publisher. */
import { type ChangeClass, classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Moved } from '#ruleset/write/moved';
import type { ProblemAnswer } from './call.ts';
import { changeText } from './compile.ts';
import type { Confirmation } from './confirmation.ts';
import { mustCompileFlags } from './flags-folder.ts';
import { followed } from './followed.ts';
import { type Publisher, publisherOf, type Target } from './publisher.ts';
import { refusalOf, tellingRefusals } from './publisher-refusal.ts';
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
  /** What a dry run cannot know. */
  readonly note?: string;
}

/** How often it is tried again on top of what somebody else published meanwhile. */
const RETRIES = 4;

export async function publish(
  path: string,
  { json, wait, ...options }: PublishOptions & { readonly json: boolean; readonly wait: boolean },
): Promise<number> {
  return tellingRefusals(json, async () => {
    const planet = await runningPlanet();
    const result = await publishFlags(path, publisherOf(planet, 'publisher'), options);
    const { pops, text, code } = await followed(planet, result, wait && !options.dryRun);
    console.log(json ? JSON.stringify({ ...result, pops }, null, 2) : [publishedText(result), ...text].join('\n'));
    return code;
  });
}

export async function publishFlags(path: string, publisher: Publisher, options: PublishOptions): Promise<Published> {
  const { dryRun, confirm, acknowledge } = options;
  for (let retries = RETRIES; ; retries--) {
    const { version: base, lines: previous } = await publisher.lines();
    const before = parseLines(previous);
    const { lines, entries, moved } = await mustCompileFlags(path, before, base + 1);
    if (dryRun) {
      const changes = Object.fromEntries(classify(before, entries));
      return { version: base, published: false, changes, moved, targets: [], note: await dryRunNote(publisher) };
    }
    const order = { base, lines, ...(confirm && { confirm }), ...(acknowledge !== undefined && { acknowledge }) };
    const answer = await publisher.publish(order);
    if (answer.ok) {
      const { version, published, changes, targets } = answer.value;
      return { version, published, changes, moved, targets };
    }
    if (retries === 0 || !isOvertaken(answer.error)) {
      throw await refusalOf(answer.error, publisher);
    }
  }
}

const NO_HISTORY =
  'classified without the publisher, who alone knows what served before: a return shows as another class, and what would be refused is not told';

async function dryRunNote(publisher: Publisher): Promise<string> {
  const { unacknowledged } = await publisher.status();
  if (unacknowledged === 0) return NO_HISTORY;
  const returns = unacknowledged === 1 ? '1 return' : `${unacknowledged} returns`;
  return `${NO_HISTORY}; ${returns} not acknowledged yet: a publish needs --acknowledge (see lockstep journal)`;
}

/** Whether it is refused because somebody else has published since: then the publisher names what is in force. */
const isOvertaken = ({ status, ...members }: ProblemAnswer): boolean =>
  status === 409 && members['inForce'] !== undefined;

/** What changed, what is in force, and which stores have it. */
export function publishedText({ changes, moved, version, published, targets, note }: Published): string {
  const inForce = version === 0 ? 'nothing is in force yet' : `version ${version} stays in force`;
  const parts = [changeText(changes, moved), published ? `published version ${version}` : inForce];
  if (targets.length > 0) parts.push(targetText(targets));
  if (note !== undefined) parts.push(`note: ${note}`);
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
