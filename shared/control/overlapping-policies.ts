/** Of two policies for the same namespace and environment, which counts would be anybody's guess: the second is refused. */
import { ALL } from '#schema/control-limits';
import type { Policy } from '#schema/control-policy';
import { entriesOf, type PersistentMap } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { Recorded } from './state.ts';

export function overlapRefusal(
  policies: PersistentMap<Recorded<Policy>>,
  key: string,
  { namespaces, environments }: Policy,
): Refusal | undefined {
  for (const [other, { body }] of entriesOf(policies)) {
    if (other === key) continue;
    const namespace = common(namespaces, body.namespaces);
    const environment = environments.find((one) => body.environments.includes(one));
    if (namespace === undefined || environment === undefined) continue;
    return { code: 'policies-overlap', key, other, namespace, environment };
  }
  return undefined;
}

/** `*` stands for itself here: what is named goes before it. */
function common(some: readonly string[], others: readonly string[]): string | undefined {
  const lower = new Set(others.map((one) => one.toLowerCase()));
  return some.find((one) => (one === ALL ? others.includes(ALL) : lower.has(one.toLowerCase())));
}
