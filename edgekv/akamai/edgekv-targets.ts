/** All that a publisher keeps in EdgeKV: each view on each network, over one account. */
import type { RulesetTarget } from '../ruleset-target.ts';
import { type AdminPlatform, createAdminClient, type EdgeKvAccount } from './admin-client.ts';
import { createEdgeKvWriter, type EdgeKvNetwork, type EdgeKvPlace } from './edgekv-writer.ts';
import type { View } from './view.ts';

export interface EdgeKvTargetsOptions extends Pick<EdgeKvPlace, 'namespace' | 'group'> {
  readonly account: EdgeKvAccount;
  readonly networks: readonly EdgeKvNetwork[];
  readonly views: readonly View[];
}

export function createEdgeKvTargets(
  { account, networks, views, namespace, group }: EdgeKvTargetsOptions,
  platform: AdminPlatform,
): RulesetTarget[] {
  const client = createAdminClient(account, platform);
  return networks.flatMap((network) =>
    views.map(({ name }) => createEdgeKvWriter(client, { network, namespace, group, view: name }, platform.now)),
  );
}
