/** Projects, environments, policies and webhooks as the API has them: who may change them is fixed (`built-in-rules.ts`). */
import type * as z from 'zod';
import { builtInRule } from '#control/built-in-rules';
import type { PersistentMap } from '#control/persistent-map';
import type { Recorded, State } from '#control/state';
import { name } from '#schema/control-names';
import { environment, project } from '#schema/control-operation';
import { policy } from '#schema/control-policy';
import { webhook, webhookKey } from '#schema/control-webhook';

export interface RecordShape {
  readonly kind: 'project' | 'environment' | 'policy' | 'webhook';
  readonly plural: 'projects' | 'environments' | 'policies' | 'webhooks';
  readonly id: string;
  readonly key: z.ZodString;
  readonly body: z.ZodType;
  /** Of whom one is needed. */
  readonly roles: readonly string[];
  readonly of: (state: State) => PersistentMap<Recorded<unknown>>;
  readonly exampleKey: string;
  readonly example: object;
}

export const RECORDS: readonly RecordShape[] = [
  {
    ...{ kind: 'project', plural: 'projects', id: 'Project', body: project, exampleKey: 'checkout' },
    ...{ key: name, roles: builtInRule('project', 'put').edit },
    of: ({ projects }) => projects,
    example: { name: 'Checkout', description: 'From the cart to the receipt.' },
  },
  {
    ...{ kind: 'environment', plural: 'environments', id: 'Environment', body: environment, exampleKey: 'staging' },
    ...{ key: name, roles: builtInRule('environment', 'put').edit },
    of: ({ environments }) => environments,
    example: { name: 'Staging' },
  },
  {
    ...{ kind: 'policy', plural: 'policies', id: 'Policy', body: policy, exampleKey: 'search' },
    ...{ key: name, roles: builtInRule('policy', 'put').edit },
    of: ({ policies }) => policies,
    example: {
      namespaces: ['search'],
      environments: ['*'],
      edit: ['search-on-call'],
      approvals: { count: 1, roles: ['search-on-call', 'release-manager'] },
      ticket: false,
    },
  },
  {
    ...{ kind: 'webhook', plural: 'webhooks', id: 'Webhook', body: webhook, exampleKey: 'deploys' },
    ...{ key: webhookKey, roles: builtInRule('webhook', 'put').edit },
    of: ({ webhooks }) => webhooks,
    example: {
      url: 'https://hooks.marketplace.example/lockstep',
      events: ['change.applied', 'publish.acknowledged'],
      environments: ['production'],
    },
  },
];
