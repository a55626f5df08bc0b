/** All that a publisher keeps in EdgeKV: each view and the keys document on each network, over one account. */
import { KEYS_VIEW } from '#ruleset/keys-environment';
import type { RulesetTarget } from '../ruleset-target.ts';
import { type AdminPlatform, createAdminClient, type EdgeKvAccount } from './admin-client.ts';
import { createEdgeKvWriter, type EdgeKvNetwork, type EdgeKvPlace } from './edgekv-writer.ts';
import type { View } from './view.ts';

export interface EdgeKvTargetsOptions extends Pick<EdgeKvPlace, 'namespace' | 'group'> {
  readonly account: EdgeKvAccount;
  readonly networks: readonly EdgeKvNetwork[];
  readonly views: readonly View[];
}

export interface EdgeKvTargets {
  readonly views: readonly RulesetTarget[];
  readonly keys: readonly RulesetTarget[];
}

export function createEdgeKvTargets(
  { account, networks, views, namespace, group }: EdgeKvTargetsOptions,
  platform: AdminPlatform,
): EdgeKvTargets {
  const client = createAdminClient(account, platform);
  const writer = (network: EdgeKvNetwork, view: string): RulesetTarget =>
    createEdgeKvWriter(client, { network, namespace, group, view }, platform.now);
  return {
    views: networks.flatMap((network) => views.map(({ name }) => writer(network, name))),
    keys: networks.map((network) => whole(writer(network, KEYS_VIEW))),
  };
}

/** What lies there is no part of anything. */
function whole({ view: _none, ...target }: RulesetTarget): RulesetTarget {
  return target;
}
