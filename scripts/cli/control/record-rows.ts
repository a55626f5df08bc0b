/** Projects, environments, policies and webhooks, one a line. */
import type { RecordAnswer } from './answers.ts';

export const RECORD_HEADS = {
  project: ['key', 'name', 'description', 'revision'],
  environment: ['key', 'name', 'description', 'revision'],
  policy: ['key', 'namespaces', 'environments', 'edited by', 'approved by', 'ticket', 'revision'],
  webhook: ['key', 'url', 'events', 'environments', 'state', 'revision'],
} as const;

export const recordRow = (kind: keyof typeof RECORD_HEADS, record: RecordAnswer): string[] => {
  switch (kind) {
    case 'project':
    case 'environment':
      return namedRow(record);
    case 'policy':
      return policyRow(record);
    case 'webhook':
      return webhookRow(record);
    default:
      return kind satisfies never;
  }
};

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

interface WebhookBody {
  readonly url: string;
  readonly events: readonly string[];
  readonly environments: readonly string[];
  readonly enabled: boolean;
}

function webhookRow({ key, revision, body }: RecordAnswer): string[] {
  const { url, events, environments, enabled } = body as WebhookBody;
  return [key, url, events.join(', '), environments.join(', '), enabled ? 'on' : 'off', String(revision)];
}
