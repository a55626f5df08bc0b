/** What a command makes of deliveries: whom it is told, and what becomes of that where the webhooks themselves change. Pure. */
import { announcementsOf } from '#control/announcements';
import type { Event } from '#control/event';
import { get, mapOf, sortedEntries } from '#control/persistent-map';
import type { State } from '#control/state';
import type { AuditEntry } from '#schema/audit';
import type { Mail, Turns } from './delivery-store.ts';
import { messagesOf } from './webhook-message.ts';

export interface Committed {
  readonly organisation: string;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
  readonly entry: AuditEntry;
  readonly seq: number;
  /** Of the entry's leaf. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export const NO_MAIL: Mail = { messages: [], woken: [], closed: [], deleted: [] };

export function mailOf({ organisation, before, after, events, entry, seq, hash, time }: Committed): Mail {
  if (before.webhooks.size === 0) return NO_MAIL;
  const put = events.flatMap((event) => (event.type === 'webhook-put' ? [event] : []));
  const webhooks = listening(before, after);
  const messages =
    webhooks.size === 0
      ? []
      : messagesOf({
          organisation,
          webhooks,
          seq,
          hash,
          time,
          entry,
          announcements: announcementsOf({ before, events }),
        });
  return {
    messages,
    woken: put.flatMap(({ key, body }) => (body.enabled ? [key] : [])),
    closed: put.flatMap(({ key, body }) => (body.enabled ? [] : [key])),
    deleted: events.flatMap((event) => (event.type === 'webhook-deleted' ? [event.key] : [])),
  };
}

/** Those that were enabled before, and are. A webhook hears nothing of how it came to be. */
const listening = (before: State, after: State): State['webhooks'] => {
  const heard = (key: string): boolean => get(before.webhooks, key)?.body.enabled === true;
  const all = sortedEntries(after.webhooks).filter(([key, { body }]) => body.enabled && heard(key));
  return all.length === after.webhooks.size ? after.webhooks : mapOf(all);
};

/** What is to be tried when, once the mail is in the store. */
export function turnsAfter(turns: Turns, { messages, woken, closed, deleted }: Mail, now: number): Turns {
  const next = new Map(turns);
  for (const { webhook } of messages) if (!next.has(webhook)) next.set(webhook, now);
  for (const webhook of woken) if (next.has(webhook)) next.set(webhook, now);
  for (const webhook of [...closed, ...deleted]) next.delete(webhook);
  return next;
}

export function withTurn(turns: Turns, webhook: string, time: number | undefined): Turns {
  const next = new Map(turns);
  if (time === undefined) next.delete(webhook);
  else next.set(webhook, time);
  return next;
}
