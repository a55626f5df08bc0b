/** Which policy counts for a namespace in an environment: the one that names the namespace, then the one that names the environment. */
import { ALL } from '#schema/control-limits';
import type { Policy } from '#schema/control-policy';
import { entriesOf } from './persistent-map.ts';
import type { Recorded, State } from './state.ts';

/** Undefined where there is none: then nobody may change anything there. */
export function governingPolicy(
  { policies }: State,
  environment: string,
  namespace: string,
): Recorded<Policy> | undefined {
  let best: Recorded<Policy> | undefined;
  let closeness = 0;
  for (const [, policy] of entriesOf(policies)) {
    const one = 2 * match(policy.body.namespaces, namespace) + match(policy.body.environments, environment) - 2;
    // Of equal ones there is at most one: see `overlapping-policies.ts`.
    if (match(policy.body.namespaces, namespace) === 0 || match(policy.body.environments, environment) === 0) continue;
    if (one <= closeness) continue;
    best = policy;
    closeness = one;
  }
  return best;
}

/** 2 where it is named, 1 where all are meant, 0 where it is not. Case makes no other namespace. */
function match(names: readonly string[], name: string): 0 | 1 | 2 {
  if (names.some((one) => one.toLowerCase() === name.toLowerCase())) return 2;
  return names.includes(ALL) ? 1 : 0;
}
