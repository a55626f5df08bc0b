/** A whole organisation as one set, and the operations that make another organisation so. Keys, tokens and what was deleted are not in it. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { EnvironmentBody, Operation, ProjectBody } from '#schema/control-operation';
import type { Policy } from '#schema/control-policy';
import type { Webhook } from '#schema/control-webhook';
import { type ImportOptions, importOperations, type Made, type WholeSet } from './compare-set.ts';
import { exportWholeSet } from './export-set.ts';
import { emptyMap, get, type PersistentMap, sortedEntries } from './persistent-map.ts';
import type { RecordOperation } from './stage-record.ts';
import type { Recorded, State } from './state.ts';

export interface OrganisationSet {
  readonly projects: Readonly<Record<string, ProjectBody>>;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly environments: Readonly<Record<string, { readonly body: EnvironmentBody } & WholeSet>>;
  /** They have no secret: what is sent is signed with the keys of the deployment. */
  readonly webhooks: Readonly<Record<string, Webhook>>;
}

export const exportOrganisation = ({ projects, policies, environments, webhooks }: State): OrganisationSet => ({
  projects: bodiesOf(projects),
  policies: bodiesOf(policies),
  environments: Object.fromEntries(
    sortedEntries(environments).map(([key, environment]) => [
      key,
      { body: environment.body, ...exportWholeSet(environment) },
    ]),
  ),
  webhooks: bodiesOf(webhooks),
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
      importOperations(get(state.environments, key) ?? toBeMade(key), items, options),
    ),
    ...putsOf('webhook', state.webhooks, Object.entries(set.webhooks)),
  ];
}

const toBeMade = (key: string): Made => ({ key, items: emptyMap(), payload: { entries: emptyMap() } });

function putsOf(
  kind: RecordOperation['kind'],
  known: PersistentMap<Recorded<unknown>>,
  bodies: readonly (readonly [key: string, body: unknown])[],
): Operation[] {
  return bodies.flatMap(([key, body]) => {
    const before = get(known, key);
    if (before !== undefined && canonicalJson(before.body) === canonicalJson(body)) return [];
    return [{ op: 'put', kind, key, base: before?.revision ?? 0, body } as Operation];
  });
}
