/** What an event changed, for people: what it was, and what it is. Secrets are not even there as digests. */
import type { AuditEntry } from '#schema/audit';
import type { Change } from '#schema/control-command';
import { auditedProposal } from './audited-proposal.ts';
import type { Event, ItemPut } from './event.ts';
import { type Item, itemId } from './item.ts';
import { get } from './persistent-map.ts';
import { rfc3339 } from './rfc3339.ts';
import { type RecordOperation, recordsOf } from './stage-record.ts';
import type { SdkKey, ServiceToken, State } from './state.ts';

export interface AuditedChange {
  readonly target: AuditEntry['target'][number];
  /** What it is found by besides. */
  readonly also?: AuditEntry['target'];
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
    case 'request-opened':
      return [proposed(event.request.id, undefined, event.request.change)];
    case 'request-amended':
      return [proposed(event.request, get(before.requests, event.request)?.change, event.change)];
    default:
      return [];
  }
}

const itemAfter = ({ content, people, archived }: ItemPut): unknown => shownItem(content.body, people, archived);

function itemBefore(before: State, environment: string, id: string): unknown {
  const known = get(before.environments, environment);
  const item = known && get(known.items, id);
  return item === undefined ? null : shownItem(item.body, item.people, item.archived);
}

const shownItem = (body: Item['body'], people: Item['people'], archived = false): unknown => ({
  ...body,
  people,
  ...(archived && { archived }),
});

const recordBefore = (before: State, kind: RecordOperation['kind'], key: string): unknown =>
  get(recordsOf(before, kind), key)?.body ?? null;

const secretChange = (
  kind: string,
  key: string,
  old: SdkKey | ServiceToken | undefined,
  value: SdkKey | ServiceToken | undefined,
): AuditedChange => ({ target: { kind, key }, old: shownSecrets(old), value: shownSecrets(value) });

/** In the place of each secret, the newest first, until when it is valid: so a rotation shows when the old one ends. */
const shownSecrets = (held: SdkKey | ServiceToken | undefined): unknown =>
  held === undefined
    ? null
    : {
        ...held.body,
        revision: held.revision,
        ...('holders' in held && { holders: held.holders }),
        validUntil: held.secrets.map(({ expiresAt }) => (expiresAt === undefined ? null : rfc3339(expiresAt))),
      };

function proposed(request: string, old: Change | undefined, change: Change): AuditedChange {
  const { targets, value } = auditedProposal(change);
  const target = { kind: 'change-request', key: request };
  return { target, also: targets, old: old === undefined ? null : auditedProposal(old).value, value };
}
