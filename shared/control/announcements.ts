/**
 * What others may hear of an entry of the log: that it happened, who did it and to what. No contents: whoever may see those finds
 * them by `seq`, with a token of their own.
 */
import type { Operation } from '#schema/control-operation';
import type { WebhookEventType } from '#schema/control-webhook';
import type { Event } from './event.ts';
import { get } from './persistent-map.ts';
import type { ChangeRequest, Effect, State } from './state.ts';

/** Something that a change names, or has changed. `revision` is the one that it was made on, or, once applied, the one that it has. */
export interface AnnouncedItem {
  readonly kind: Operation['kind'];
  readonly environment?: string;
  readonly key: string;
  readonly revision: number;
}

export interface Announcement {
  readonly type: WebhookEventType;
  /** Empty for what is of the whole organisation. */
  readonly environments: readonly string[];
  readonly items: readonly AnnouncedItem[];
  /** JSON: what else there is to say of this type. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** As many entries of a publisher's journal are told, the newest. */
const MAX_JOURNAL = 20;

export interface Announced {
  readonly before: State;
  readonly events: readonly Event[];
}

/** In the order of the events; the same for the same entry, whoever is to hear of it. */
export const announcementsOf = (announced: Announced): Announcement[] =>
  announced.events.flatMap((event) => announcementOf(announced, event) ?? []);

function announcementOf(announced: Announced, event: Event): Announcement | undefined {
  switch (event.type) {
    case 'request-opened':
      return ofRequest('change.opened', event.request);
    case 'request-amended':
      return ofRequest('change.amended', { ...event, id: event.request });
    case 'request-approved':
      return ofKnown('change.approved', announced, event, { status: event.status });
    case 'request-held':
      return ofKnown('change.held', announced, event, { why: event.why.code });
    case 'approvals-voided':
    case 'request-voided':
      return ofKnown('change.voided', announced, event, { why: event.why.code });
    case 'request-declined':
      return ofKnown('change.declined', announced, event);
    case 'request-withdrawn':
      return ofKnown('change.withdrawn', announced, event);
    case 'request-applied': {
      const items = announced.events.flatMap(changedItem);
      const environments = environmentsOf(items, event.effects);
      return { type: 'change.applied', environments, items, details: { request: event.request, hash: event.hash } };
    }
    case 'publish-requested':
      return ofEnvironment('publish.requested', event.environment, { generation: event.generation });
    case 'published': {
      const { environment, generation, version, digest } = event;
      return ofEnvironment('publish.acknowledged', environment, { generation, version, digest });
    }
    case 'journal-imported': {
      const { environment, version, digest, entries } = event;
      return ofEnvironment('return.imported', environment, { version, digest, journal: entries.slice(-MAX_JOURNAL) });
    }
    // Told with the change that they are of.
    case 'item-put':
    case 'item-archived':
    case 'item-deleted':
    case 'project-put':
    case 'project-deleted':
    case 'environment-put':
    case 'environment-deleted':
    case 'policy-put':
    case 'policy-deleted':
    case 'webhook-put':
    case 'webhook-deleted':
    case 'sdk-key-put':
    case 'sdk-key-revoked':
    case 'service-token-put':
    case 'service-token-revoked':
    case 'keys-published':
    case 'log-restored':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** As much of a request as is told of it. */
type Told = Pick<ChangeRequest, 'id' | 'hash' | 'status' | 'change' | 'effects'>;

function ofRequest(type: WebhookEventType, { id, hash, status, change, effects }: Told): Announcement {
  const items = change.operations.map(namedItem);
  return { type, environments: environmentsOf(items, effects), items, details: { request: id, hash, status } };
}

/** Of one that the state before has, or that was opened just now. */
function ofKnown(
  type: WebhookEventType,
  { before, events }: Announced,
  { request: id }: { readonly request: string },
  details: Announcement['details'] = {},
): Announcement | undefined {
  const opened = events.flatMap((event) => (event.type === 'request-opened' ? [event.request] : []));
  const known = get(before.requests, id) ?? opened.find((one) => one.id === id);
  if (known === undefined) return undefined;
  const told = ofRequest(type, known);
  return { ...told, details: { request: id, hash: known.hash, ...details } };
}

const ofEnvironment = (type: WebhookEventType, environment: string, details: object): Announcement => ({
  ...{ type, environments: [environment], items: [], details: { environment, ...details } },
});

const namedItem = ({ kind, key, base, ...rest }: Operation): AnnouncedItem => ({
  kind,
  ...('environment' in rest && { environment: rest.environment }),
  key,
  revision: base,
});

function changedItem(event: Event): readonly AnnouncedItem[] {
  switch (event.type) {
    case 'item-put':
      return [{ ...itemOf(event.content.kind, event), environment: event.environment }];
    case 'item-archived':
    case 'item-deleted':
      return [{ ...itemOf(event.kind, event), environment: event.environment }];
    case 'sdk-key-put':
      return [itemOf('sdk-key', event.sdkKey)];
    case 'service-token-put':
      return [itemOf('service-token', event.serviceToken)];
    case 'project-put':
    case 'environment-put':
    case 'policy-put':
    case 'webhook-put':
    case 'project-deleted':
    case 'environment-deleted':
    case 'policy-deleted':
    case 'webhook-deleted':
    case 'sdk-key-revoked':
    case 'service-token-revoked':
      return [itemOf(event.type.replace(/-(?:put|deleted|revoked)$/, '') as AnnouncedItem['kind'], event)];
    default:
      return [];
  }
}

const itemOf = (kind: AnnouncedItem['kind'], { key, revision }: { key: string; revision: number }): AnnouncedItem => ({
  ...{ kind, key, revision },
});

const environmentsOf = (items: readonly AnnouncedItem[], effects: readonly Effect[]): string[] =>
  [...new Set([...items, ...effects].flatMap(({ environment }) => environment ?? []))].sort();
