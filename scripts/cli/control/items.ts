/** Flags, segments, layers and holdouts of an environment: looking at them, and changing one. */
import type { ItemKind } from '#control/item';
import { SECTIONS } from '#control/item';
import type { People } from '#schema/control-operation';
import { ok } from '#schema/result';
import { CommandError } from '../command-error.ts';
import { type ControlClient, pathOf } from '../control-client.ts';
import { ControlRefusal } from '../control-refusal.ts';
import type { ItemAnswer } from './answers.ts';
import { mustConfirm } from './confirm.ts';
import { ITEM_HEAD, itemRow, itemText, itemYaml } from './item-text.ts';
import { list } from './listing.ts';
import {
  type ControlOptions,
  type DestructiveOptions,
  type EnvironmentOptions,
  environmentOf,
  type ListOptions,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { print } from './print.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';

export type ItemWrite = WriteOptions &
  EnvironmentOptions & {
    /** The one that the caller saw; by default the newest. */
    readonly revision?: number;
  };

export interface PeopleOptions {
  readonly project?: string;
  readonly owner?: string;
  readonly tag?: readonly string[];
}

export interface ItemFilters extends PeopleOptions, EnvironmentOptions {
  readonly q?: string;
  readonly tag?: readonly string[];
  /** `true`: only archived ones; `all`: these too. */
  readonly archived?: string;
}

export const listItems = (kind: ItemKind, options: ListOptions & ItemFilters): Promise<number> =>
  withControl(options, (control) => {
    const { q, project, owner, tag, archived } = options;
    if (tag !== undefined && tag.length > 1) throw new CommandError('one --tag at a time');
    const query = { q, project, owner, tag: tag?.[0], archived };
    return list<ItemAnswer>(control, { path: collection(kind, environmentOf(options, control)), query }, options, {
      head: ITEM_HEAD,
      row: itemRow,
      none: `no ${kind} is like that`,
    });
  });

export const getItem = (
  kind: ItemKind,
  key: string,
  options: ControlOptions & EnvironmentOptions & { readonly yaml?: boolean },
): Promise<number> =>
  withControl(options, async (control) => {
    const item = await control.must<ItemAnswer>({ path: itemPath(kind, environmentOf(options, control), key) });
    if (options.yaml) process.stdout.write(itemYaml(item));
    else print(options.json, item, () => itemText(item));
    return 0;
  });

export const setItem = (
  kind: ItemKind,
  key: string,
  options: ItemWrite & PeopleOptions & { readonly file?: string },
): Promise<number> =>
  withControl(options, async (control) => {
    const path = itemPath(kind, environmentOf(options, control), key);
    const body = options.file === undefined ? undefined : await fileBody(options.file, kind, key);
    const says = saysOfPeople(options);
    if (body === undefined && !says) throw new CommandError('set what? --file, --project, --owner or --tag');
    const item = await existing(control, path);
    if (item === undefined && body === undefined) throw new CommandError(`there is no ${kind} ${key} yet: say --file`);
    const fields = {
      body: body ?? item?.body,
      ...(says && { people: mergedPeople(item?.people, options) }),
      ...reasonsOf(options),
    };
    const seen = options.revision ?? item?.revision ?? 'new';
    return submit(control, { method: 'PUT', path, seen, body: fields }, options);
  });

export type Step = 'archive' | 'restore' | 'delete';

export const stepItem = (kind: ItemKind, step: Step, key: string, options: ItemWrite & DestructiveOptions) =>
  withControl(options, async (control) => {
    const path = itemPath(kind, environmentOf(options, control), key);
    const item = await control.must<ItemAnswer>({ path });
    const seen = options.revision ?? item.revision;
    const body = reasonsOf(options);
    if (step !== 'delete') return submit(control, { method: 'POST', path: `${path}/${step}`, seen, body }, options);
    if (!options.dryRun)
      await mustConfirm(`${kind} ${key} goes for good, and nothing is ever called so again.`, options.yes);
    return submit(control, { method: 'DELETE', path, seen, body }, options);
  });

export interface CopyOptions extends WriteOptions, EnvironmentOptions {
  readonly to?: string;
  readonly key?: string;
  /** What is there already. */
  readonly replace?: boolean;
}

export const copyItem = (kind: ItemKind, key: string, options: CopyOptions): Promise<number> =>
  withControl(options, async (control) => {
    const { to, key: name, replace } = options;
    if (to === undefined && name === undefined)
      throw new CommandError('where to? --to an environment, or --key a name');
    const from = environmentOf(options, control);
    const there = replace ? await existing(control, itemPath(kind, to ?? from, name ?? key)) : undefined;
    const path = `${itemPath(kind, from, key)}/copy`;
    const where = {
      ...(there !== undefined && { base: there.revision }),
      ...(to !== undefined && { environment: to }),
      ...(name !== undefined && { key: name }),
    };
    return submit(control, { method: 'POST', path, body: { ...where, ...reasonsOf(options) } }, options);
  });

/** Loaded where it is needed: what reads flags from files is most of what a command would load. */
const fileBody = async (file: string, kind: ItemKind, key: string): Promise<object> =>
  (await import('./item-file.ts')).readItemFile(file, kind, key);

/** Undefined where there is none. */
export async function existing(control: ControlClient, path: string): Promise<ItemAnswer | undefined> {
  const answer = await control.ask({ path });
  const found = answer.ok || answer.error.status !== 404 ? answer : ok(undefined);
  if (!found.ok) throw new ControlRefusal(found.error);
  return found.value?.json() as ItemAnswer | undefined;
}

export const itemPath = (kind: ItemKind, environment: string, key: string): string =>
  pathOf('environments', environment, SECTIONS[kind], key);

const collection = (kind: ItemKind, environment: string): string => pathOf('environments', environment, SECTIONS[kind]);

const saysOfPeople = ({ project, owner, tag }: PeopleOptions): boolean => (project ?? owner ?? tag) !== undefined;

/** What is not named stays. */
const mergedPeople = (people: People | undefined, { project, owner, tag }: PeopleOptions): People => ({
  ...(people ?? { tags: [] }),
  ...(project !== undefined && { project }),
  ...(owner !== undefined && { owner }),
  ...(tag !== undefined && { tags: [...tag] }),
});
