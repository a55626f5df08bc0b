/** `lockstep dev`: publishes at once, and again at each save, until it is interrupted. Mistakes are told, and it stays. */
import { stageText } from '../planet/stage-text.ts';
import { CommandError } from './command-error.ts';
import { FOLLOW_DEADLINE_MS } from './followed.ts';
import { publishFlags } from './publish.ts';
import { type Published, publishedText } from './published.ts';
import { runningPlanet } from './running-planet.ts';
import { type Following, untilServed } from './served-version.ts';
import { watchFlags } from './watch-flags.ts';

export async function dev(path: string): Promise<number> {
  await runningPlanet();
  const flags = await watchFlags(path);
  let isOver = false;
  let over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      isOver = true;
      flags.close();
      over.abort();
    });
  }
  let waiting: string | undefined;
  console.log(`watching ${path}; Ctrl-C ends it`);
  while (!isOver) {
    over = new AbortController();
    // A save ends the wait for a POP that is cut off: whoever edits is told of what is new.
    const changed = flags.changed().then(() => over.abort());
    const { went, text, waits } = await publishAndFollow(path, over.signal, waiting);
    waiting = waits;
    if (!isOver) console[went ? 'log' : 'error'](text);
    await changed;
  }
  return 0;
}

interface Told {
  readonly went: boolean;
  readonly text: string;
  /** The change request that waits for somebody: the next save takes its place. */
  readonly waits: string | undefined;
}

/** One line for each publish, or what is wrong. */
async function publishAndFollow(path: string, signal: AbortSignal, instead: string | undefined): Promise<Told> {
  const began = performance.now();
  try {
    // Read anew each time: a planet that was started again may be elsewhere.
    const planet = await runningPlanet();
    const published = await publishFlags(path, planet, { dryRun: false, ...(instead !== undefined && { instead }) });
    if (published.status === 'waits') return { went: true, text: publishedText(published), waits: published.request };
    if (published.status !== 'published') return { went: true, text: stayText(published), waits: undefined };
    const publishedMs = performance.now() - began;
    const following = await untilServed(planet, published.version, FOLLOW_DEADLINE_MS, signal);
    return { went: true, text: publishLine(published, publishedMs, following), waits: undefined };
  } catch (error) {
    if (error instanceof CommandError) return { went: false, text: error.message, waits: instead };
    throw error;
  }
}

const stayText = (published: Published): string =>
  published.status === 'unchanged'
    ? `version ${published.version} stays in force: nothing changes`
    : publishedText(published);

/** `version 4 everywhere after 1.31 s (published in 0.12 s): pricing.fareBundlingV2 move` */
function publishLine(published: Published, publishedMs: number, { served, behind }: Following): string {
  const { version, changes } = published;
  const flags = Object.entries(changes).map(([flag, kind]) => `${flag} ${kind}`);
  const what = flags.length > 4 ? `${flags.length} flags` : flags.join(', ');
  const where =
    behind.size === 0
      ? `everywhere after ${seconds(publishedMs + Math.max(...served.values()))}`
      : `is not everywhere: ${[...behind].map(([pop, at]) => `${pop} ${at === undefined ? 'does not answer' : `serves version ${at}`}`).join(', ')}`;
  const stands = published.stage && stageText(published.stage);
  const line = `version ${version} ${where} (published in ${seconds(publishedMs)}): ${what}`;
  return stands === undefined ? line : `${line}\n${stands}`;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(2)} s`;
