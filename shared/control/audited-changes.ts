/** What an event changed, for people: what it was, and what it is. Secrets are not even there as digests. */
import type { AuditEntry } from '#schema/audit';
import type { Event, ItemPut } from './event.ts';
import { itemId } from './item.ts';
import { get } from './persistent-map.ts';
import { type RecordOperation, recordsOf } from './stage-record.ts';
import type { State } from './state.ts';

export interface AuditedChange {
  readonly target: AuditEntry['target'][number];
  readonly old: unknown;
  readonly value: unknown;
}

export function auditedChanges(before: State, event: Event): AuditedChange[] {
  switch (event.type) {
    case 'item-put':
    case 'item-archived':
    case 'item-deleted': {
      const { environment, kind, key } = event;
      const item = itemBefore(before, environment, itemId(kind, key));
      const value = event.type === 'item-put' ? itemAfter(event) : null;
      return [{ target: { kind, environment, key }, old: item, value }];
    }
    case 'project-put':
    case 'environment-put':
    case 'policy-put':
    case 'webhook-put': {
      const kind = event.type.slice(0, -'-put'.length) as RecordOperation['kind'];
      return [{ target: { kind, key: event.key }, old: recordBefore(before, kind, event.key), value: event.body }];
    }
    case 'project-deleted':
    case 'environment-deleted':
    case 'policy-deleted':
    case 'webhook-deleted': {
      const kind = event.type.slice(0, -'-deleted'.length) as RecordOperation['kind'];
      return [{ target: { kind, key: event.key }, old: recordBefore(before, kind, event.key), value: null }];
    }
    case 'sdk-key-put':
      return [secretChange('sdk-key', event.sdkKey.key, get(before.sdkKeys, event.sdkKey.key), event.sdkKey)];
    case 'service-token-put': {
      const { serviceToken } = event;
      return [
        secretChange('service-token', serviceToken.key, get(before.serviceTokens, serviceToken.key), serviceToken),
      ];
    }
    case 'sdk-key-revoked':
      return [secretChange('sdk-key', event.key, get(before.sdkKeys, event.key), undefined)];
    case 'service-token-revoked':
      return [secretChange('service-token', event.key, get(before.serviceTokens, event.key), undefined)];
    default:
      return [];
  }
}

const itemAfter = ({ content, people, archived }: ItemPut): unknown => ({
  ...content.body,
  people,
  ...(archived && { archived }),
});

function itemBefore(before: State, environment: string, id: string): unknown {
  const known = get(before.environments, environment);
  const item = known && get(known.items, id);
  return item === undefined || item.archived ? null : { ...item.body, people: item.people };
}

const recordBefore = (before: State, kind: RecordOperation['kind'], key: string): unknown =>
  get(recordsOf(before, kind), key)?.body ?? null;

type Held = { readonly body: object; readonly revision: number };

const secretChange = (kind: string, key: string, old: Held | undefined, value: Held | undefined): AuditedChange => ({
  ...{ target: { kind, key }, old: old?.body ?? null, value: value?.body ?? null },
});
