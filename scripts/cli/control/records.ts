/** Projects, environments and policies. */
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
import { safeYaml } from './safe-yaml.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';

export const RECORDS = { project: 'projects', environment: 'environments', policy: 'policies' } as const;
export type RecordKind = keyof typeof RECORDS;

export interface RecordFields {
  /** The whole body. */
  readonly file?: string;
  readonly name?: string;
  readonly description?: string;
}

export const listRecords = (kind: RecordKind, options: ListOptions & { readonly q?: string }): Promise<number> =>
  withControl(options, (control) =>
    list<RecordAnswer>(control, { path: pathOf(RECORDS[kind]), query: { q: options.q } }, options, {
      head:
        kind === 'policy'
          ? ['key', 'namespaces', 'environments', 'edited by', 'approved by', 'ticket', 'revision']
          : ['key', 'name', 'description', 'revision'],
      row: kind === 'policy' ? policyRow : namedRow,
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
async function bodyOf({ file, name, description }: RecordFields, now: object | undefined): Promise<object> {
  if ((file ?? name ?? description) === undefined) throw new CommandError('set what? --file, or a field');
  const body = file === undefined ? (now ?? {}) : mapping(await fileText(file), file);
  return { ...body, ...(name !== undefined && { name }), ...(description !== undefined && { description }) };
}

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

function namedRow({ key, revision, body }: RecordAnswer): string[] {
  const { name = '', description = '' } = body as { readonly name?: string; readonly description?: string };
  return [key, name, description || '-', String(revision)];
}

interface PolicyBody {
  readonly namespaces: readonly string[];
  readonly environments: readonly string[];
  readonly edit: readonly string[];
  readonly approvals: { readonly count: number; readonly roles: readonly string[] };
  readonly ticket: boolean;
}

function policyRow({ key, revision, body }: RecordAnswer): string[] {
  const { namespaces, environments, edit, approvals, ticket } = body as PolicyBody;
  const approved = approvals.count === 0 ? 'nobody' : `${approvals.count} of ${approvals.roles.join(', ')}`;
  return [
    ...[key, namespaces.join(', '), environments.join(', '), edit.join(', ')],
    ...[approved, ticket ? 'yes' : 'no', String(revision)],
  ];
}
