/** What somebody proposes, for people: nothing is done yet, and once the request is closed the log alone knows it. */
import type { AuditEntry } from '#schema/audit';
import type { Change } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';

export interface AuditedProposal {
  /** What it would be done to. */
  readonly targets: AuditEntry['target'];
  readonly value: unknown;
}

export const auditedProposal = ({ operations, apply, confirm, override }: Change): AuditedProposal => ({
  targets: operations.map(targetOf),
  value: {
    apply,
    ...(confirm.length > 0 && { confirm }),
    ...(override && { override }),
    operations: operations.map(withoutDigest),
  },
});

const targetOf = (operation: Operation): AuditEntry['target'][number] => ({
  kind: operation.kind,
  ...('environment' in operation && { environment: operation.environment }),
  key: operation.key,
});

function withoutDigest(operation: Operation): object {
  switch (operation.op) {
    case 'create': {
      const { sha256: _digest, ...body } = operation.body;
      return { ...operation, body };
    }
    case 'rotate': {
      const { sha256: _digest, ...rest } = operation;
      return rest;
    }
    case 'put':
    case 'archive':
    case 'restore':
    case 'delete':
    case 'revoke':
      return operation;
    default:
      return operation satisfies never;
  }
}
