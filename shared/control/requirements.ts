/** What the policies that count ask of a change: those of each namespace that it touches, and of each whose flags it affects. */
import type { Operation } from '#schema/control-operation';
import { ok, type Result, refused } from '#schema/result';
import { builtInRule } from './built-in-rules.ts';
import { governingPolicy } from './governing-policy.ts';
import { namespaceOf } from './item.ts';
import type { Refusal } from './refusal.ts';
import { isItemOperation } from './stage.ts';
import type { ChangeRequest, Effect, Requirement, State } from './state.ts';

interface Subject {
  readonly operations: readonly Operation[];
  readonly effects: readonly Effect[];
  readonly isReturn: boolean;
}

/** Of the state before the change: a change does not loosen what it has to meet. In order of policy. */
export function requirementsOf(state: State, subject: Subject): Result<readonly Requirement[], Refusal> {
  const found = new Map<string, Requirement>();
  for (const [environment, namespaces] of namespacesOf(subject)) {
    for (const namespace of namespaces) {
      const policy = governingPolicy(state, environment, namespace);
      if (policy === undefined) return refused({ code: 'no-policy', environment, namespace });
      const id = `${policy.key} ${environment}`;
      const known = found.get(id)?.namespaces ?? [];
      const { edit, approvals, ticket, training } = policy.body;
      const asked = subject.isReturn ? NOTHING : { approvals, ticket, training };
      const named = { policy: policy.key, revision: policy.revision, environment };
      found.set(id, { ...named, namespaces: [...known, namespace].sort(), edit, ...asked });
    }
  }
  for (const { policy, ...rule } of subject.operations.flatMap(builtIn)) found.set(policy, { policy, ...rule });
  return ok([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, requirement]) => requirement));
}

/** A return must be possible when approvers, tickets and trainings are out of reach. */
const NOTHING = { approvals: { count: 0, roles: [] }, ticket: false, training: [] };

function namespacesOf({ operations, effects }: Subject): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (environment: string, key: string): void => {
    found.set(environment, (found.get(environment) ?? new Set()).add(namespaceOf(key)));
  };
  for (const operation of operations) if (isItemOperation(operation)) add(operation.environment, operation.key);
  for (const { environment, flags } of effects) for (const flag of Object.keys(flags)) add(environment, flag);
  return found;
}

function builtIn(operation: Operation): Requirement[] {
  switch (operation.kind) {
    case 'flag':
    case 'segment':
    case 'layer':
    case 'holdout':
      return [];
    case 'project':
    case 'environment':
    case 'policy':
    case 'sdk-key':
    case 'service-token':
    case 'webhook': {
      const policy = `built-in:${operation.kind}${operation.op === 'revoke' ? ':revoke' : ''}`;
      const rule = builtInRule(operation.kind, operation.op);
      return [{ policy, revision: 1, environment: null, namespaces: [], ...rule, ticket: false, training: [] }];
    }
    default:
      return operation satisfies never;
  }
}

/** Whether what was approved is what it comes to. Where nobody has to approve it, nobody was promised anything. */
export const sameContents = (
  request: Pick<ChangeRequest, 'effects'>,
  effects: readonly Effect[],
  requirements: readonly Requirement[],
): boolean =>
  requirements.every(({ approvals }) => approvals.count === 0) ||
  JSON.stringify(request.effects.map(contentOf)) === JSON.stringify(effects.map(contentOf));

const contentOf = ({ environment, content }: Effect) => [environment, content];

/** The same demands, of the same revisions of the same policies. */
export const sameRequirements = (some: readonly Requirement[], others: readonly Requirement[]): boolean =>
  JSON.stringify(some.map(essence)) === JSON.stringify(others.map(essence));

const essence = ({ policy, revision, environment, namespaces, approvals }: Requirement) => [
  ...[policy, revision, environment, namespaces, approvals.count],
];
