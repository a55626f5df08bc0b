/**
 * Keeps parts that come at about the same time in one transaction: a disk is waited for once for all of them, and that is what most of
 * keeping a part takes. Each is still kept by itself, or not.
 */
import type { Part } from './inbox-part.ts';

/** How long the first waits for others. Nobody waits for an emitter's answer. */
const GATHER_MS = 5;
/** Megabytes at the most: then none waits. */
const MOST_PARTS = 32;

interface Waiting {
  readonly part: Part;
  kept(isKept: boolean): void;
  failed(error: unknown): void;
}

/** `keep` is called for several in one turn, which is one transaction of the platform's. Rejects where it throws. */
export function createPartGatherer(keep: (part: Part) => boolean): (part: Part) => Promise<boolean> {
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function keepAll(): void {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    for (const { part, kept, failed } of all)
      try {
        kept(keep(part));
      } catch (error) {
        failed(error);
      }
  }

  return (part) =>
    new Promise((kept, failed) => {
      waiting.push({ part, kept, failed });
      if (waiting.length === MOST_PARTS) keepAll();
      else timer ??= setTimeout(keepAll, GATHER_MS);
    });
}
