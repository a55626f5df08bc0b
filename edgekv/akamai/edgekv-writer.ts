/** Writes a view to one network of EdgeKV: one item, overwritten in place. */
import type { RulesetTarget } from '../ruleset-target.ts';
import { type AdminClient, CALL_DEADLINE_MS } from './admin-client.ts';
import { failureOf, isItemMissing } from './admin-failure.ts';

export type EdgeKvNetwork = 'staging' | 'production';

export interface EdgeKvPlace {
  readonly network: EdgeKvNetwork;
  /** It must exist. */
  readonly namespace: string;
  readonly group: string;
  /** The name of the view is the item's. */
  readonly view: string;
}

/** For turns at the API, which a whole set of targets may want at the same time. */
const TURNS_MS = 10_000;

export function createEdgeKvWriter(client: AdminClient, place: EdgeKvPlace, now: () => number): RulesetTarget {
  const { network, namespace, group, view } = place;
  const path = `networks/${network}/namespaces/${namespace}/groups/${group}/items/${view}`;
  return {
    name: `edgekv-${network}/${view}`,
    view,
    isRehearsal: network === 'staging',
    shownBy: 'look',
    patienceMs: 2 * CALL_DEADLINE_MS + TURNS_MS,
    async read() {
      const answer = await client.call('GET', path);
      if (answer.status === 200) return answer.text;
      if (isItemMissing(answer)) return undefined;
      throw failureOf('GET', answer, place, now());
    },
    /** An item has no metadata: the header line says it all. */
    async write(ruleset, _metadata, patience) {
      const answer = await client.call('PUT', path, ruleset, patience);
      if (answer.status !== 200) throw failureOf('PUT', answer, place, now());
    },
  };
}
