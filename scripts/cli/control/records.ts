/** Projects, environments, policies and webhooks. */
import { parse } from 'yaml';
import type { Operation } from '#schema/control-operation';
import { CommandError } from '../command-error.ts';
import { pathOf } from '../control-client.ts';
import type { RecordAnswer } from './answers.ts';
import { mustConfirm } from './confirm.ts';
import { fileText } from './file-text.ts';
import { existing } from './items.ts';
import { list } from './listing.ts';
import {
  type ControlOptions,
  type DestructiveOptions,
  type ListOptions,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { print, safeTable } from './print.ts';
import { RECORD_HEADS, recordRow } from './record-rows.ts';
import { safeYaml } from './safe-yaml.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';

export const RECORDS = {
  project: 'projects',
  environment: 'environments',
  policy: 'policies',
  webhook: 'webhooks',
} as const;
export type RecordKind = keyof typeof RECORDS;

export interface RecordFields {
  /** The whole body. */
  readonly file?: string;
  readonly name?: string;
  readonly description?: string;
  /** Of a webhook: its URL, what it hears, and of which environments. */
  readonly to?: string;
  readonly event?: readonly string[];
  readonly in?: readonly string[];
  readonly enable?: boolean;
}

export const listRecords = (kind: RecordKind, options: ListOptions & { readonly q?: string }): Promise<number> =>
  withControl(options, (control) =>
    list<RecordAnswer>(control, { path: pathOf(RECORDS[kind]), query: { q: options.q } }, options, {
      head: RECORD_HEADS[kind],
      row: (record) => recordRow(kind, record),
      none: `no ${kind} is like that`,
    }),
  );

export const getRecord = (kind: RecordKind, key: string, options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const record = await control.must<RecordAnswer>({ path: pathOf(RECORDS[kind], key) });
    const head = [
      [kind, record.key],
      ['revision', String(record.revision)],
    ];
    print(options.json, record, () => `${safeTable(head)}\n\n${safeYaml(record.body).trimEnd()}`);
    return 0;
  });

export const setRecord = (kind: RecordKind, key: string, options: WriteOptions & RecordFields): Promise<number> =>
  withControl(options, async (control) => {
    const path = pathOf(RECORDS[kind], key);
    const record = await existing(control, path);
    const body = await bodyOf(options, record?.body);
    const base = record?.revision ?? 0;
    const operation = { op: 'put', kind, key, base, body } as unknown as Operation;
    const seen = record?.revision ?? 'new';
    return submit(control, { method: 'PUT', path, seen, body: { body, ...reasonsOf(options) } }, options, [operation]);
  });

export const deleteRecord = (kind: RecordKind, key: string, options: WriteOptions & DestructiveOptions) =>
  withControl(options, async (control) => {
    const path = pathOf(RECORDS[kind], key);
    const { revision } = await control.must<RecordAnswer>({ path });
    if (!options.dryRun) await mustConfirm(`${kind} ${key} goes for good.`, options.yes);
    const operation = { op: 'delete', kind, key, base: revision } as Operation;
    return submit(control, { method: 'DELETE', path, seen: revision, body: reasonsOf(options) }, options, [operation]);
  });

/** The file, or what is there, with what is named instead. */
async function bodyOf({ file, ...options }: RecordFields, now: object | undefined): Promise<object> {
  const named = fieldsOf(options);
  if (file === undefined && Object.keys(named).length === 0) throw new CommandError('set what? --file, or a field');
  const body = file === undefined ? (now ?? {}) : mapping(await fileText(file), file);
  return { ...body, ...named };
}

const fieldsOf = ({ name, description, to, event, in: environments, enable }: RecordFields): object => ({
  ...(name !== undefined && { name }),
  ...(description !== undefined && { description }),
  ...(to !== undefined && { url: to }),
  ...(event !== undefined && { events: event }),
  ...(environments !== undefined && { environments }),
  ...(enable !== undefined && { enabled: enable }),
});

/** YAML, or JSON, which is YAML. */
export function mapping(text: string, file: string): object {
  try {
    const found: unknown = parse(text, { maxAliasCount: 0 });
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`${file}: ${error.message.split('\n', 1)[0]}`);
  }
  throw new CommandError(`${file}: is no mapping of names`);
}
