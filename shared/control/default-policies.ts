/** The policies that an organisation begins with. They are data: changed by change request, as any other. */
import { ALL } from '#schema/control-limits';
import type { Operation } from '#schema/control-operation';
import type { Policy } from '#schema/control-policy';

const onCall = (namespace: string, ticket: boolean): Policy => ({
  namespaces: [namespace],
  environments: [ALL],
  edit: [`${namespace}-on-call`],
  approvals: { count: 1, roles: [`${namespace}-on-call`, 'release-manager'] },
  ticket,
  training: [],
});

const everythingElse: Policy = {
  namespaces: [ALL],
  environments: [ALL],
  edit: ['editor'],
  approvals: { count: 0, roles: [] },
  ticket: false,
  training: [],
};

export const defaultPolicies: Readonly<Record<string, Policy>> = {
  pricing: onCall('pricing', false),
  billing: onCall('billing', true),
  auth: onCall('auth', true),
  'everything-else': everythingElse,
};

/** For `found`. */
export const defaultPolicyOperations = (): Operation[] =>
  Object.entries(defaultPolicies).map(([key, body]) => ({ op: 'put', kind: 'policy', key, base: 0, body }));
