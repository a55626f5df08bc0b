/** A whole organisation as one set, and the operations that make another organisation so. Keys, tokens, webhooks and what was deleted are not in it. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { EnvironmentBody, Operation, ProjectBody } from '#schema/control-operation';
import type { Policy } from '#schema/control-policy';
import { type ImportOptions, importOperations, type WholeSet } from './compare-set.ts';
import { exportWholeSet } from './export-set.ts';
import { emptyMap, get, type PersistentMap, sortedEntries } from './persistent-map.ts';
import type { Recorded, State } from './state.ts';

export interface OrganisationSet {
  readonly projects: Readonly<Record<string, ProjectBody>>;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly environments: Readonly<Record<string, { readonly body: EnvironmentBody } & WholeSet>>;
}

export const exportOrganisation = ({ projects, policies, environments }: State): OrganisationSet => ({
  projects: bodiesOf(projects),
  policies: bodiesOf(policies),
  environments: Object.fromEntries(
    sortedEntries(environments).map(([key, environment]) => [
      key,
      { body: environment.body, ...exportWholeSet(environment) },
    ]),
  ),
});

const bodiesOf = <B>(records: PersistentMap<Recorded<B>>): Record<string, B> =>
  Object.fromEntries(sortedEntries(records).map(([key, { body }]) => [key, body]));

/** In an order in which each finds what it needs: environments and projects before items. Empty where everything is like that already. */
export function organisationOperations(state: State, set: OrganisationSet, options: ImportOptions): Operation[] {
  const environments = Object.entries(set.environments);
  return [
    ...putsOf('project', state.projects, Object.entries(set.projects)),
    ...putsOf(
      'environment',
      state.environments,
      environments.map(([key, { body }]) => [key, body]),
    ),
    ...putsOf('policy', state.policies, Object.entries(set.policies)),
    ...environments.flatMap(([key, items]) =>
      importOperations(get(state.environments, key) ?? { key, items: emptyMap() }, items, options),
    ),
  ];
}

function putsOf(
  kind: 'project' | 'environment' | 'policy',
  known: PersistentMap<Recorded<unknown>>,
  bodies: readonly (readonly [key: string, body: unknown])[],
): Operation[] {
  return bodies.flatMap(([key, body]) => {
    const before = get(known, key);
    if (before !== undefined && canonicalJson(before.body) === canonicalJson(body)) return [];
    return [{ op: 'put', kind, key, base: before?.revision ?? 0, body } as Operation];
  });
}
