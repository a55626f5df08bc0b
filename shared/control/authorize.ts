/** Whether a principal may do something: its scopes must hold it, and its roles must be among those that a requirement names. */
import { ALL } from '#schema/control-limits';
import type { Action, Principal } from '#schema/control-principal';
import type { MissingRole, Refusal } from './refusal.ts';
import type { Requirement } from './state.ts';

/** Undefined where the principal may make the change. */
export function editRefusal(principal: Principal, requirements: readonly Requirement[]): Refusal | undefined {
  for (const requirement of requirements) {
    const refusal = scopeRefusal(principal, actionOf(requirement), requirement);
    if (refusal !== undefined) return refusal;
  }
  const missing = requirements.filter(({ edit }) => !holds(principal, edit)).map(missingRole);
  return missing.length === 0 ? undefined : { code: 'not-allowed', missing };
}

/** Whether the principal's word counts towards the approvals of a requirement. */
export const mayApprove = (principal: Principal, requirement: Requirement): boolean =>
  requirement.approvals.count > 0 &&
  holds(principal, requirement.approvals.roles) &&
  scopeRefusal(principal, 'approve', requirement) === undefined;

export function scopeRefusal(
  { scopes }: Principal,
  action: Action,
  { environment, namespaces }: Pick<Requirement, 'environment' | 'namespaces'>,
): Refusal | undefined {
  const refusal = { code: 'out-of-scope', action, environment, namespace: null } as const;
  if (!covers(scopes.actions, action)) return refusal;
  // What is of the whole organisation is in no narrower scope.
  if (!covers(scopes.environments, environment ?? ALL)) return refusal;
  const wanted = environment === null ? [ALL] : namespaces;
  const namespace = wanted.find((one) => !covers(scopes.namespaces, one));
  return namespace === undefined ? undefined : { ...refusal, namespace };
}

const actionOf = ({ environment }: Requirement): Action => (environment === null ? 'administer' : 'edit');

const covers = (names: readonly string[], name: string): boolean =>
  names.includes(ALL) || names.some((one) => one.toLowerCase() === name.toLowerCase());

export const holds = ({ roles }: Principal, wanted: readonly string[]): boolean =>
  roles.some((role) => wanted.includes(role));

export const missingRole = ({ policy, environment, namespaces, edit }: Requirement): MissingRole => ({
  ...{ policy, environment, namespaces, roles: edit },
});
