/** Reads ingest's verdicts strictly: a wrong word would have events forgotten that were never taken. */
import type { Refusal } from './deliver-batch.ts';
import type { Beacon } from './exposure.ts';

const MAX_DETAIL = 500;

type Judged = Pick<Beacon, 'events' | 'outcomes' | 'collapsed'>;

/** What of the beacon was refused; undefined where the answer is none of ingest's. */
export function refusedIn(answer: string, beacon: Judged): Refusal[] | undefined {
  const { rejected } = parsed(answer);
  if (!Array.isArray(rejected)) return undefined;
  const found = new Map<string, Refusal>();
  for (const entry of rejected) {
    const refusal = refusalOf(entry, beacon);
    if (refusal === undefined) return undefined;
    found.set(`${refusal.of} ${refusal.index}`, refusal);
  }
  return [...found.values()];
}

function refusalOf(entry: unknown, beacon: Judged): Refusal | undefined {
  const { index, of = 'events', detail } = isObject(entry) ? entry : {};
  if (of !== 'events' && of !== 'outcomes' && of !== 'collapsed') return undefined;
  const size = beacon[of]?.length ?? 0;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= size) return undefined;
  return { index, of, detail: typeof detail === 'string' ? detail.slice(0, MAX_DETAIL) : 'refused' };
}

function parsed(answer: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(answer);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
