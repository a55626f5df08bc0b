/** `lockstep publish`: hands authored flags to the control plane as one change, and says what became of it. */
import { compile } from '#ruleset/write/compile';
import { issueText } from '#ruleset/write/yaml-file';
import type { Authored } from '#schema/authored';
import { stageText } from '../planet/stage-text.ts';
import type { PlanetFile } from '../planet/state.ts';
import { CommandError } from './command-error.ts';
import type { Confirmation } from './confirmation.ts';
import type { DryRunAnswer, WriteAnswer } from './control/answers.ts';
import { type ControlClient, type ControlRequest, createControlClient, pathOf } from './control-client.ts';
import { placeOfPlanet } from './control-place.ts';
import { standingIn, untilPublished } from './control-standing.ts';
import { readFlags } from './flags-folder.ts';
import { followed } from './followed.ts';
import { waitingRequest, withdrawRequest } from './open-publish.ts';
import { type Published, publishedText } from './published.ts';
import { type Publisher, publisherOf } from './publisher.ts';
import { runningPlanet } from './running-planet.ts';
import { tellingRefusals } from './telling-refusals.ts';

export interface PublishOptions {
  readonly dryRun: boolean;
  readonly confirm?: readonly Confirmation[];
  /** Flags that wait for nobody. */
  readonly override?: readonly string[];
  /** Why; it stays in the log. */
  readonly reason?: string;
  readonly ticket?: string;
  /** Whose token it goes by; that of the service which applies files where nobody is named. */
  readonly as?: string;
  /** A change request of an earlier publish, in whose place this one comes. */
  readonly instead?: string;
}

const IMPORT_DEADLINE_MS = 60_000;
const PUBLISH_DEADLINE_MS = 10_000;
const REASON = 'What the files say.';

export async function publish(
  path: string,
  { json, wait, ...options }: PublishOptions & { readonly json: boolean; readonly wait: boolean },
): Promise<number> {
  return tellingRefusals(json, async () => {
    const planet = await runningPlanet();
    const result = await publishFlags(path, planet, options);
    const isInForce = result.status === 'published' || result.status === 'unchanged';
    // What waits reaches no POP before that is over.
    const isWaiting = result.stage !== undefined && stageText(result.stage) !== undefined;
    const { pops, text, code } = await followed(planet, result, wait && isInForce && !isWaiting);
    console.log(json ? JSON.stringify({ ...result, pops }, null, 2) : [publishedText(result), ...text].join('\n'));
    return result.status === 'frozen' ? 2 : code;
  });
}

export async function publishFlags(path: string, planet: PlanetFile, options: PublishOptions): Promise<Published> {
  const { dryRun, as = 'gitops', instead } = options;
  const control = createControlClient(placeOfPlanet(planet, as));
  const request = await importOf(path, planet, options);
  if (instead !== undefined) await withdrawRequest(control, instead, 'The files have changed since.');
  const [wanted, standing, returns, inForceThere] = await Promise.all([
    control.must<DryRunAnswer | Unchanged>({ ...request, query: { dryRun: 1 } }),
    standingIn(control, planet.environment),
    answerOf(planet, (publisher) => publisher.unacknowledged()),
    answerOf(planet, (publisher) => publisher.status()),
  ]);
  // What was returned there is newer than what the log knows of.
  const version = inForceThere?.version ?? standing.version;
  const before = {
    version,
    targets: [],
    returns: returns ?? [],
    ...(inForceThere?.stage && { stage: inForceThere.stage }),
  };
  if ('status' in wanted) return { status: 'unchanged', ...before, changes: {}, moved: [] };
  const { missing, message, refusal } = wanted;
  const told = { ...before, ...changesOf(wanted) };
  if (dryRun) return { status: 'dry-run', ...told, missing, ...(refusal && { refusal: message ?? refusal.code }) };
  const waiting = missing.length > 0 ? await waitingRequest(control, wanted.hash) : undefined;
  if (waiting !== undefined) return { status: 'waits', ...told, request: waiting, missing, again: true };
  const answer = await control.must<WriteAnswer>(request);
  // Somebody else did the same meanwhile.
  if (answer.status === 'unchanged') return { status: 'unchanged', ...told, changes: {}, moved: [] };
  if ('request' in answer) {
    const { id, missing: still = missing } = answer.request;
    return { status: 'waits', ...told, request: id, missing: still, again: false };
  }
  const { seq } = answer;
  return wanted.publishes.length === 0
    ? { status: 'applied', ...told, seq }
    : { ...told, seq, ...(await inForce(control, planet)) };
}

interface Unchanged {
  readonly status: 'unchanged';
}

/** The whole set: what the files do not have is archived. */
async function importOf(
  path: string,
  { environment }: PlanetFile,
  { reason = REASON, ticket, confirm, override }: PublishOptions,
): Promise<ControlRequest> {
  const authored = await readAuthored(path);
  const body = {
    ...{ authored, prune: true, justification: reason },
    ...{ ...(ticket && { ticket }), ...(confirm && { confirm }), ...(override && { override }) },
  };
  const to = { method: 'POST', path: pathOf('environments', environment, 'import') } as const;
  return { ...to, body, via: 'gitops', deadlineMs: IMPORT_DEADLINE_MS };
}

/** Mistakes are told where they stand in the files, which the control plane never sees. */
async function readAuthored(path: string): Promise<Authored> {
  const read = await readFlags(path);
  if (!read.ok) throw new CommandError(issueText(read.error));
  const compiled = compile(read.value.authored, [], 1);
  if (!compiled.ok) throw new CommandError(issueText(read.value.locate(compiled.error)));
  return read.value.authored;
}

const changesOf = ({ flags }: DryRunAnswer): Pick<Published, 'changes' | 'moved'> => ({
  changes: Object.fromEntries(flags.map(({ flag, class: kind }) => [flag, kind])),
  moved: flags.flatMap(({ moved }) => moved),
});

/** What became of a change that is applied: it is in force once the publisher has it. */
async function inForce(control: ControlClient, planet: PlanetFile): Promise<InForce> {
  const { version, waiting } = await untilPublished(control, planet.environment, PUBLISH_DEADLINE_MS);
  if (waiting === undefined) {
    const { targets = [], stage } = (await answerOf(planet, (publisher) => publisher.status())) ?? {};
    return { status: 'published', version, targets, ...(stage && { stage }) };
  }
  return { status: 'frozen', version, targets: [], trouble: waiting.trouble?.message ?? 'it has not answered yet' };
}

type InForce = Pick<Published, 'version' | 'targets' | 'stage'> &
  ({ readonly status: 'published' } | { readonly status: 'frozen'; readonly trouble: string });

/** What the publisher says beyond the log; undefined where it does not answer, which keeps nobody from a change. */
async function answerOf<T>(planet: PlanetFile, ask: (publisher: Publisher) => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(publisherOf(planet, 'publisher'));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
