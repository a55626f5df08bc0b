/** The audit log over the API: entries for people, the export and what proves it. */

import { once } from 'node:events';
import { printable } from '#control/audit/printable';
import { CommandError } from '../command-error.ts';
import { type ControlClient, pathOf } from '../control-client.ts';
import { ControlRefusal } from '../control-refusal.ts';
import { createProgress } from '../progress.ts';
import { ENTRY_HEAD, type EntryAnswer, entryRow, entryText } from './entry-text.ts';
import { intoFile } from './into-file.ts';
import { list, pageOf } from './listing.ts';
import type { ControlOptions, ListOptions } from './options.ts';
import { print } from './print.ts';
import { withControl } from './with-control.ts';

export interface AuditFilters {
  readonly actor?: string;
  readonly action?: string;
  readonly kind?: string;
  readonly key?: string;
  readonly environment?: string;
  readonly request?: string;
  /** RFC 3339. */
  readonly from?: string;
  readonly to?: string;
}

export const listEntries = (options: ListOptions & AuditFilters & { readonly csv?: boolean }): Promise<number> =>
  withControl(options, async (control) => {
    const { actor, action, kind, key, environment, request, from, to } = options;
    const asked = { path: '/v1/audit', query: { actor, action, kind, key, environment, request, from, to } };
    if (options.csv) return printCsv(control, asked, options);
    return list<EntryAnswer>(control, asked, options, {
      head: ENTRY_HEAD,
      row: entryRow,
      none: 'no entry is like that',
    });
  });

/** As the API writes it: cells are quoted, and what a terminal or a spreadsheet would act on is not in them. */
async function printCsv(
  control: ControlClient,
  { path, query }: { readonly path: string; readonly query: object },
  { limit, cursor, all }: ListOptions,
): Promise<number> {
  for (let next = cursor, isFirst = true; ; isFirst = false) {
    const answer = await control.ask({ path, query: { ...query, limit, cursor: next }, accept: 'text/csv' });
    if (!answer.ok) throw new ControlRefusal(answer.error);
    const { text, headers } = answer.value;
    process.stdout.write(isFirst ? text : withoutHead(text));
    const behind = nextIn(headers.get('link'));
    if (behind === undefined) return 0;
    if (!all) console.error(`there are more: --cursor ${behind}, or --all`);
    if (!all) return 0;
    next = behind;
  }
}

const withoutHead = (csv: string): string => csv.slice(csv.indexOf('\n') + 1);

/** The cursor in `Link: <…?cursor=…>; rel="next"`. */
export function nextIn(link: string | null): string | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
  return target === undefined
    ? undefined
    : (new URL(target, 'http://localhost').searchParams.get('cursor') ?? undefined);
}

export const showEntry = (seq: string, options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const entry = await control.must<EntryAnswer>({ path: pathOf('audit', seq) });
    print(options.json, entry, () => entryText(entry));
    return 0;
  });

/** The signed note, or the keys that verify it, as they are: for a file, or for `audit verify`. */
export const printNote = (what: 'checkpoint' | 'keys', options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const answer = await control.ask({ path: pathOf('audit', what), accept: 'text/plain' });
    if (!answer.ok) throw new ControlRefusal(answer.error);
    process.stdout.write(answer.value.text.split('\n').map(printable).join('\n'));
    return 0;
  });

const LOG_PAGE = 1_000;
const LOG_DEADLINE_MS = 60_000;

/** NDJSON as `audit verify` reads it; a file is there when it is whole, and not before. */
export const exportLog = (options: ControlOptions & { readonly out?: string; readonly after?: number }) =>
  withControl(options, async (control) => {
    const { out, after = 0 } = options;
    if (out === undefined) {
      await copyLog(control, after, toStandardOutput);
      return 0;
    }
    const entries = await intoFile(out, (write) => copyLog(control, after, write));
    print(options.json, { file: out, entries }, () => `${entries.toLocaleString('en')} entries in ${out}`);
    return 0;
  });

type Write = (text: string) => Promise<void>;

async function toStandardOutput(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

async function copyLog(control: ControlClient, first: number, write: Write): Promise<number> {
  const progress = createProgress();
  try {
    for (let after = first; ; ) {
      const query = { after, limit: LOG_PAGE };
      const accept = 'application/x-ndjson';
      const answer = await control.ask({ path: '/v1/log', query, accept, deadlineMs: LOG_DEADLINE_MS });
      if (!answer.ok) throw new ControlRefusal(answer.error);
      const { text, headers } = answer.value;
      await write(text);
      const next = Number(headers.get('lockstep-next') ?? after);
      if (headers.get('lockstep-more') !== 'true') return next - first;
      if (!(next > after)) throw new CommandError('the control plane gives the same part of the log again');
      after = next;
      progress.tell(`${after.toLocaleString('en')} entries`);
    }
  } finally {
    progress.end();
  }
}

/** What happened to one item, the newest first. */
export const itemHistory = (
  { kind, key, environment }: Required<Pick<AuditFilters, 'kind' | 'key'>> & Pick<AuditFilters, 'environment'>,
  options: ListOptions,
): Promise<number> =>
  withControl(options, async (control) => {
    const query = { kind, key, environment: environment ?? control.place.environment };
    const page = await pageOf<EntryAnswer>(control, { path: '/v1/audit', query }, options);
    print(
      options.json,
      page,
      () => page.items.map(entryText).join('\n\n') || `nothing is known of ${kind} ${printable(key)}`,
    );
    if (page.next !== undefined && !options.json) console.error(`there are more: --cursor ${page.next}, or --all`);
    return 0;
  });
