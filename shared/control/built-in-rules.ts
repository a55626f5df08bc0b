/** Who may change what is of the whole organisation. Fixed: a policy that guards policies could be weakened by itself. */
import type { RecordKind, Requirement } from './state.ts';

type Rule = Pick<Requirement, 'edit' | 'approvals'>;

export const ADMIN = 'admin';
const EDITOR = 'editor';

const ANOTHER_ADMIN = { count: 1, roles: [ADMIN] };
const NOBODY = { count: 0, roles: [] };

/** `revoke` takes nobody else: it can only ever close something. */
export const builtInRule = (kind: RecordKind, op: 'put' | 'delete' | 'create' | 'rotate' | 'revoke'): Rule => {
  switch (kind) {
    case 'project':
      return { edit: [ADMIN, EDITOR], approvals: NOBODY };
    case 'sdk-key':
    case 'webhook':
      return { edit: [ADMIN], approvals: NOBODY };
    case 'service-token':
      return { edit: [ADMIN], approvals: op === 'revoke' ? NOBODY : ANOTHER_ADMIN };
    case 'environment':
    case 'policy':
      return { edit: [ADMIN], approvals: ANOTHER_ADMIN };
    default:
      return kind satisfies never;
  }
};
