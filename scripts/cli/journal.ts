/** `lockstep journal`: what was published and returned, by whom and why. */
import { type JournalEntry, type JournalPage, publisherOf } from './publisher.ts';
import { runningPlanet } from './running-planet.ts';
import { table } from './table.ts';
import { tellingRefusals } from './telling-refusals.ts';

export interface JournalOptions {
  /** The id of the entry behind which to begin. */
  readonly after: number;
  readonly limit: number;
  readonly json: boolean;
}

export async function journal({ after, limit, json }: JournalOptions): Promise<number> {
  return tellingRefusals(json, async () => {
    const page = await publisherOf(await runningPlanet(), 'breakGlass').journal(after, limit);
    console.log(json ? JSON.stringify(page, null, 2) : pageText(page));
    return 0;
  });
}

function pageText({ entries, next }: JournalPage): string {
  if (entries.length === 0) return 'no entry';
  const rows = [
    ['entry', 'time', 'kind', 'version', 'by', 'acknowledged', 'changes', 'reason'],
    ...entries.map(entryRow),
  ];
  return next === undefined ? table(rows) : `${table(rows)}\nthere are more: --after ${next}`;
}

function entryRow({ id, time, kind, version, actor, acknowledgedAt, changes, reason }: JournalEntry): string[] {
  const acknowledged = kind === 'return' ? (acknowledgedAt ?? 'no') : '-';
  return [
    String(id),
    time,
    kind,
    String(version),
    actor,
    acknowledged,
    changesText(Object.keys(changes)),
    reason ?? '',
  ];
}

const changesText = (flags: readonly string[]): string =>
  flags.length === 0 ? '-' : flags.length > 3 ? `${flags.length} flags` : flags.join(', ');
