/** Runs the cells of a part that are not known yet, and says how far it is. */
import type { Part } from './part.ts';
import { codeDigest, type Store } from './store.ts';

/** By the name of the cell. */
export type Found<F> = ReadonlyMap<string, F>;

export async function runPart<F>(
  part: Part<F>,
  quick: boolean,
  store: Store | null,
  say: (text: string) => void,
): Promise<Found<F>> {
  const digest = store === null ? '' : await codeDigest(part.entry);
  const cells = part.cells(quick);
  const found = new Map<string, F>();
  for (const [at, { name, runs, run }] of cells.entries()) {
    const key = `${digest}/${runs}/${name}`;
    const known = store?.get(key) as F | undefined;
    const started = performance.now();
    const figures = known ?? run();
    if (known === undefined) {
      store?.put(key, figures);
      const seconds = ((performance.now() - started) / 1_000).toFixed(1);
      say(`${part.name} ${String(at + 1).padStart(4)}/${cells.length}  ${name}  ${runs} runs, ${seconds} s`);
    }
    found.set(name, figures);
  }
  return found;
}
