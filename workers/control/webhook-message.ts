/** What a webhook is sent: of an entry of the log, as much as it wants to hear and may. Pure, and the same each time it is made. */

import type { AnnouncedItem, Announcement } from '#control/announcements';
import { redact } from '#control/audit/redact';
import { type PersistentMap, sortedEntries } from '#control/persistent-map';
import { rfc3339 } from '#control/rfc3339';
import type { Recorded } from '#control/state';
import type { JsonValue } from '#core/decision';
import { canonicalJson } from '#ruleset/canonical-json';
import { digestOfText } from '#ruleset/write/digest';
import type { AuditEntry } from '#schema/audit';
import { ALL } from '#schema/control-limits';
import type { Webhook } from '#schema/control-webhook';

export interface Message {
  readonly webhook: string;
  /** The same however often it is sent: receivers tell repetitions by it. */
  readonly id: string;
  /** Of the entry; null of a message that somebody asked for. */
  readonly seq: number | null;
  readonly type: string;
  /** When it happened, in milliseconds since 1970. */
  readonly time: number;
  /** JSON. */
  readonly body: string;
}

export interface Happened {
  readonly organisation: string;
  readonly webhooks: PersistentMap<Recorded<Webhook>>;
  readonly seq: number;
  /** Of the entry's leaf. Places are given again after a restore; this is not. */
  readonly hash: string;
  readonly time: number;
  readonly entry: Pick<AuditEntry, 'action' | 'actor' | 'justification' | 'ticket'>;
  readonly announcements: readonly Announcement[];
}

/** As many items are named; how many more there are is said. */
const MAX_ITEMS = 100;

export const messagesOf = (happened: Happened): Message[] =>
  sortedEntries(happened.webhooks).flatMap(([key, { body }]) =>
    happened.announcements.flatMap((announcement, place) => {
      if (!wants(body, announcement)) return [];
      return [messageOf(happened, { key, body }, announcement, place)];
    }),
  );

/** For somebody who wants to see whether anything arrives. */
export function testMessage(organisation: string, webhook: string, { now, id }: { now: number; id: string }): Message {
  const type = 'webhook.test';
  const body = JSON.stringify({ type, timestamp: rfc3339(now), data: { organisation, webhook } });
  return { webhook, id: `msg_${id}`, seq: null, type, time: now, body };
}

function wants({ enabled, events, environments }: Webhook, announcement: Announcement): boolean {
  if (!enabled || !(events.includes(ALL) || events.includes(announcement.type))) return false;
  return environments.includes(ALL) || announcement.environments.some((one) => environments.includes(one));
}

function messageOf(
  { organisation, seq, hash, time, entry }: Happened,
  { key: webhook, body }: { readonly key: string; readonly body: Webhook },
  { type, environments, items, details }: Announcement,
  place: number,
): Message {
  const mayHear = (environment: string | undefined): boolean =>
    body.environments.includes(ALL) || (environment !== undefined && body.environments.includes(environment));
  const { action, actor, justification, ticket } = entry;
  const { id, kind, via } = actor;
  const data = {
    ...{ organisation, webhook, seq, action, actor: { id, kind, via } },
    ...(justification !== undefined && { justification }),
    ...(ticket !== undefined && { ticket }),
    environments: environments.filter(mayHear),
    ...named(items.filter(({ environment }) => mayHear(environment))),
    ...details,
  };
  return {
    ...{ webhook, seq, type, time },
    id: `msg_${digestOfText(canonicalJson([organisation, webhook, hash, place]))}`,
    body: JSON.stringify({ type, timestamp: rfc3339(time), data: redact(data as unknown as JsonValue) }),
  };
}

const named = (items: readonly AnnouncedItem[]) => ({
  ...(items.length > 0 && { items: items.slice(0, MAX_ITEMS) }),
  ...(items.length > MAX_ITEMS && { moreItems: items.length - MAX_ITEMS }),
});
