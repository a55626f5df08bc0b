/** Takes over what the publisher did without being asked from here, before anything more is published. */
import type { DuePublish } from '#control/due-work';
import { get } from '#control/persistent-map';
import type { Refusal } from '#control/refusal';
import { refusalMessage } from '#control/refusal-message';
import { type Command, command } from '#schema/control-command';
import { MAX_JOURNAL_ENTRIES } from '#schema/control-limits';
import type { Result } from '#schema/result';
import type { Executing } from './executing.ts';
import type { OrderRefusal } from './order.ts';
import type { Trouble } from './parcel.ts';
import type { News, PublisherPort } from './publisher-port.ts';

export interface TakeOverDeps {
  readonly executing: Pick<Executing, 'held'>;
  readonly publisher: Pick<PublisherPort, 'news'>;
  /** Asked as the control plane itself. */
  readonly order: (command: Command) => Result<unknown, OrderRefusal>;
}

/** Undefined once the log has it all. */
export async function takeOver(
  { executing, publisher, order }: TakeOverDeps,
  tried: DuePublish,
): Promise<Trouble | undefined> {
  const { environment } = tried;
  const news = await publisher.news(environment, forceOf(executing, environment).journalId);
  if (news.kind !== 'news') return news;
  const own = ownPublish(news, tried);
  // Where the digest differs it was somebody else's, and is taken over as that.
  const acknowledged = own !== undefined && order(own).ok;
  const { version } = forceOf(executing, environment);
  const fresh = news.entries.filter((entry) => entry.version > version);
  const newest = fresh.at(-1);
  if (newest === undefined) return acknowledged ? undefined : estranged(nothingNew(environment, version, news));
  if (newest.version !== news.version) return { kind: 'dark', message: 'something was published meanwhile' };
  for (let at = 0; at < fresh.length; at += MAX_JOURNAL_ENTRIES) {
    const read = command.safeParse(importOf(environment, news, fresh.slice(at, at + MAX_JOURNAL_ENTRIES)));
    if (!read.success) return estranged(`its journal is out of form: ${read.error.issues[0]?.message}`);
    const done = order(read.data);
    if (!done.ok) return estranged(orderRefusalMessage(done.error));
  }
  return undefined;
}

const forceOf = ({ held }: Pick<Executing, 'held'>, environment: string): { version: number; journalId: number } =>
  get(held().state.environments, environment)?.force ?? { version: 0, journalId: 0 };

/** A publish whose answer was lost stands in the journal, on the very base that it was made from. */
function ownPublish({ entries }: News, { environment, generation, version: base }: DuePublish): Command | undefined {
  const entry = entries.find((one) => one.kind === 'publish' && one.base === base && one.version > base);
  if (entry === undefined) return undefined;
  const { version, digest, stamped } = entry;
  const named = { type: 'acknowledge', environment, generation, version, digest, ...(stamped && { stamped }) };
  const read = command.safeParse(named);
  return read.success ? read.data : undefined;
}

const importOf = (environment: string, { version, digest, lines }: News, entries: News['entries']): unknown => ({
  ...{ type: 'import-journal', environment, entries, version, digest, lines },
});

const estranged = (message: string): Trouble => ({ kind: 'estranged', message });

const nothingNew = (environment: string, version: number, news: News): string =>
  `the publisher of ${environment} has version ${news.version} in force and nothing in its journal that says how; ` +
  `the log knows version ${version}`;

/** In words: of the commands that the control plane gives itself, only some are refused. */
export const orderRefusalMessage = (refusal: OrderRefusal): string => {
  switch (refusal.code) {
    case 'facts-missing':
    case 'key-used-before':
    case 'restoring':
    case 'not-restoring':
    case 'restored-otherwise':
      return refusal.code;
    case 'entry-too-large':
      return `the entry would have ${refusal.size} bytes, at most ${refusal.limit}`;
    case 'webhook-address':
      return `the address of webhook ${refusal.key} ${refusal.message}`;
    case 'no-json':
      return `${refusal.path}: ${refusal.message}`;
    default:
      return refusalMessage(refusal satisfies Refusal);
  }
};
