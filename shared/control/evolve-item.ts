/** What happened to items, and to what is of the whole organisation. */
import { saltSeed } from '#core/bucket';
import type { ItemEvent } from './event.ts';
import { type Item, itemId } from './item.ts';
import { emptyMap, get, type PersistentMap, remove, set } from './persistent-map.ts';
import { type EnvironmentState, type RecordKind, retiredId, type State } from './state.ts';
import { withEnvironment } from './state-environment.ts';

export function evolveItem(state: State, event: ItemEvent): State {
  switch (event.type) {
    case 'item-put': {
      const { content, key, revision, people, identity, archived = false } = event;
      const item: Item = { ...content, key, revision, people, archived, identity };
      return withEnvironment(state, event.environment, (environment) => withItem(environment, item));
    }
    case 'item-archived':
      return withEnvironment(state, event.environment, (environment) => {
        const item = get(environment.items, itemId(event.kind, event.key)) as Item;
        return withItem(environment, { ...item, revision: event.revision, archived: true });
      });
    case 'item-deleted':
      return withEnvironment(state, event.environment, (environment) => withoutItem(environment, event));
    case 'project-put':
      return { ...state, projects: set(state.projects, event.key, recorded(event)) };
    case 'policy-put':
      return { ...state, policies: set(state.policies, event.key, recorded(event)) };
    case 'environment-put': {
      const known = get(state.environments, event.key) ?? NEW_ENVIRONMENT;
      return { ...state, environments: set(state.environments, event.key, { ...known, ...recorded(event) }) };
    }
    case 'webhook-put':
      return { ...state, webhooks: set(state.webhooks, event.key, recorded(event)) };
    case 'webhook-deleted':
      return { ...retire(state, 'webhook', event), webhooks: remove(state.webhooks, event.key) };
    case 'project-deleted':
      return { ...retire(state, 'project', event), projects: remove(state.projects, event.key) };
    case 'policy-deleted':
      return { ...retire(state, 'policy', event), policies: remove(state.policies, event.key) };
    case 'environment-deleted':
      return { ...retire(state, 'environment', event), environments: remove(state.environments, event.key) };
    case 'sdk-key-put':
      return { ...state, sdkKeys: set(state.sdkKeys, event.sdkKey.key, event.sdkKey) };
    case 'service-token-put':
      return { ...state, serviceTokens: set(state.serviceTokens, event.serviceToken.key, event.serviceToken) };
    case 'sdk-key-revoked':
      return { ...retire(state, 'sdk-key', event), sdkKeys: remove(state.sdkKeys, event.key) };
    case 'service-token-revoked':
      return { ...retire(state, 'service-token', event), serviceTokens: remove(state.serviceTokens, event.key) };
    default:
      return event satisfies never;
  }
}

const NEW_ENVIRONMENT: Omit<EnvironmentState, 'key' | 'revision' | 'body'> = {
  items: emptyMap(),
  tombstones: emptyMap(),
  salts: emptyMap(),
  spellings: emptyMap(),
  layerOf: emptyMap(),
  payload: { generation: 0, entries: emptyMap(), bytes: 0, usedBy: emptyMap() },
  force: { version: 0, digest: '', entries: emptyMap(), revisions: emptyMap(), bytes: 0, journalId: 0 },
  keys: { version: 0, digest: '' },
  pending: [],
  served: emptyMap(),
};

const recorded = <B>({ key, revision, body }: { key: string; revision: number; body: B }) => ({ key, revision, body });

const retire = (state: State, kind: RecordKind, { key, revision }: { key: string; revision: number }): State => ({
  ...state,
  retired: set(state.retired, retiredId(kind, key), revision),
});

export function withItem(environment: EnvironmentState, item: Item): EnvironmentState {
  const id = itemId(item.kind, item.key);
  return {
    ...environment,
    items: set(environment.items, id, item),
    tombstones: remove(environment.tombstones, id),
    salts: withSalt(environment.salts, id, item.identity.salt),
    spellings: set(environment.spellings, id.toLowerCase(), id),
    layerOf: withSlices(environment.layerOf, get(environment.items, id), item),
  };
}

function withoutItem(environment: EnvironmentState, { kind, key, revision }: Pick<Item, 'kind' | 'key' | 'revision'>) {
  const id = itemId(kind, key);
  const { identity } = get(environment.items, id) as Item;
  return {
    ...environment,
    items: remove(environment.items, id),
    tombstones: set(environment.tombstones, id, { kind, key, revision, identity }),
  };
}

function withSalt(salts: EnvironmentState['salts'], id: string, salt: string | undefined): EnvironmentState['salts'] {
  if (salt === undefined) return salts;
  const seed = String(saltSeed(salt));
  const known = get(salts, seed) ?? [];
  return known.includes(id) ? salts : set(salts, seed, [...known, id]);
}

/** Slices of the layer as it was are gone, those of the layer as it is are its own; an archived layer has none. */
function withSlices(layerOf: PersistentMap<string>, before: Item | undefined, after: Item): PersistentMap<string> {
  if (after.kind !== 'layer') return layerOf;
  const earlier = before?.kind === 'layer' ? Object.keys(before.body.slices) : [];
  let next = layerOf;
  for (const flag of earlier) if (get(next, flag) === after.key) next = remove(next, flag);
  if (!after.archived) for (const flag of Object.keys(after.body.slices)) next = set(next, flag, after.key);
  return next;
}
