/** What a principal may read: what it may not is not found. */
import { scopeRefusal } from '#control/authorize';
import { namespaceOf } from '#control/item';
import type { Refusal } from '#control/refusal';
import { requirementsOf } from '#control/requirements';
import type { Requirement, State } from '#control/state';
import { ALL } from '#schema/control-limits';
import type { Operation } from '#schema/control-operation';
import type { Action, Principal } from '#schema/control-principal';

/** Any of it: then it can be named, and what is in it is asked for piece by piece. */
export const mayReadEnvironment = (principal: Principal, environment: string): boolean =>
  scopeRefusal(principal, 'read', { environment, namespaces: [] }) === undefined;

export const mayReadKey = (principal: Principal, environment: string, key: string): boolean =>
  scopeRefusal(principal, 'read', { environment, namespaces: [namespaceOf(key)] }) === undefined;

/** All namespaces of an environment; with null, of all environments. */
export const wholeRefusal = (principal: Principal, environment: string | null, action: Action): Refusal | undefined =>
  scopeRefusal(principal, action, { environment, namespaces: [ALL] });

export const mayReadAll = (principal: Principal, requirements: readonly Requirement[]): boolean =>
  requirements.every((requirement) => scopeRefusal(principal, 'read', requirement) === undefined);

/** Of what is named or affected; it says nothing about it. */
export const UNREADABLE: Refusal = { code: 'out-of-scope', action: 'read', environment: null, namespace: null };

/** Before anything is compiled: whether the principal may read what the operations name. */
export function namedRefusal(
  state: State,
  principal: Principal,
  operations: readonly Operation[],
): Refusal | undefined {
  const named = requirementsOf(state, { operations, effects: [], isReturn: false });
  if (!named.ok) return named.error;
  return mayReadAll(principal, named.value) ? undefined : UNREADABLE;
}
