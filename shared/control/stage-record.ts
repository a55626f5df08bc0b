/** One operation on a project, an environment, a policy or a webhook, whose base was checked. */
import { canonicalJson } from '#ruleset/canonical-json';
import { MAX_ENVIRONMENTS, MAX_POLICIES, MAX_PROJECTS, MAX_WEBHOOKS } from '#schema/control-limits';
import type { Operation } from '#schema/control-operation';
import { ok, type Result, refused } from '#schema/result';
import type { ItemEvent } from './event.ts';
import { overlapRefusal } from './overlapping-policies.ts';
import { entriesOf, get, has, type PersistentMap } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import { type EnvironmentState, type Recorded, retiredId, type State } from './state.ts';

export type RecordOperation = Extract<Operation, { kind: 'project' | 'environment' | 'policy' | 'webhook' }>;

/** As many users of what is in use are named. */
const SHOWN = 20;

export function stageRecord(state: State, operation: RecordOperation): Result<ItemEvent | undefined, Refusal> {
  const { kind, key } = operation;
  const known: Recorded<unknown> | undefined = get(recordsOf(state, kind), key);
  const revision = (known?.revision ?? 0) + 1;
  if (operation.op === 'delete') {
    if (known === undefined) return refused({ code: 'not-found', what: kind, key });
    const by = usersOf(state, kind, key);
    if (by.length > 0) return refused({ code: 'in-use', kind, key, by: by.slice(0, SHOWN) });
    return ok({ type: `${kind}-deleted`, key, revision });
  }
  const refusal =
    (known === undefined ? newcomerRefusal(state, operation) : undefined) ?? policyRefusal(state, operation);
  if (refusal !== undefined) return refused(refusal);
  if (known !== undefined && canonicalJson(known.body) === canonicalJson(operation.body)) return ok(undefined);
  switch (operation.kind) {
    case 'project':
      return ok({ type: 'project-put', key, revision, body: operation.body });
    case 'environment':
      return ok({ type: 'environment-put', key, revision, body: operation.body });
    case 'policy':
      return ok({ type: 'policy-put', key, revision, body: operation.body });
    case 'webhook':
      return ok({ type: 'webhook-put', key, revision, body: operation.body });
    default:
      return operation satisfies never;
  }
}

export const recordsOf = (state: State, kind: RecordOperation['kind']): PersistentMap<Recorded<unknown>> =>
  ({
    ...{ project: state.projects, environment: state.environments },
    ...{ policy: state.policies, webhook: state.webhooks },
  })[kind];

const MOST = {
  project: { what: 'projects', most: MAX_PROJECTS },
  environment: { what: 'environments', most: MAX_ENVIRONMENTS },
  policy: { what: 'policies', most: MAX_POLICIES },
  webhook: { what: 'webhooks', most: MAX_WEBHOOKS },
} as const;

function newcomerRefusal(state: State, { kind, key }: RecordOperation): Refusal | undefined {
  if (has(state.retired, retiredId(kind, key))) return { code: 'used-before', kind, key };
  return recordsOf(state, kind).size >= MOST[kind].most ? { code: 'too-many', ...MOST[kind] } : undefined;
}

const policyRefusal = (state: State, operation: RecordOperation): Refusal | undefined =>
  operation.kind === 'policy' && operation.op === 'put'
    ? overlapRefusal(state.policies, operation.key, operation.body)
    : undefined;

function usersOf(state: State, kind: RecordOperation['kind'], key: string): string[] {
  switch (kind) {
    case 'policy':
    case 'webhook':
      return [];
    case 'project':
      return [...entriesOf(state.environments)].flatMap(([name, { items }]) =>
        [...entriesOf(items)].flatMap(([id, { people }]) => (people.project === key ? [`${name} ${id}`] : [])),
      );
    case 'environment':
      return usersOfEnvironment(state, get(state.environments, key) as EnvironmentState);
    default:
      return kind satisfies never;
  }
}

const usersOfEnvironment = (state: State, { key, items, pending }: EnvironmentState): string[] => [
  ...[...entriesOf(items)].flatMap(([id, { archived }]) => (archived ? [] : [id])),
  ...[...entriesOf(state.sdkKeys)].flatMap(([id, { body }]) => (body.environment === key ? [`sdk-key ${id}`] : [])),
  ...(pending.length === 0 ? [] : ['a change that is not published yet']),
];
