/** Which operations were made on another revision than there is. */
import type { Operation } from '#schema/control-operation';
import { itemId } from './item.ts';
import { get } from './persistent-map.ts';
import type { StaleBase } from './refusal.ts';
import type { State } from './state.ts';

export const staleBases = (state: State, operations: readonly Operation[]): StaleBase[] =>
  operations.flatMap((operation) => {
    const { kind, key, base } = operation;
    const revision = revisionOf(state, operation);
    const environment = 'environment' in operation ? operation.environment : null;
    return revision === base ? [] : [{ kind, environment, key, base, revision }];
  });

/** 0 where there is none (any more). */
function revisionOf(state: State, operation: Operation): number {
  const { key } = operation;
  switch (operation.kind) {
    case 'flag':
    case 'segment':
    case 'layer':
    case 'holdout': {
      const environment = get(state.environments, operation.environment);
      return (environment && get(environment.items, itemId(operation.kind, key))?.revision) ?? 0;
    }
    case 'project':
      return get(state.projects, key)?.revision ?? 0;
    case 'environment':
      return get(state.environments, key)?.revision ?? 0;
    case 'policy':
      return get(state.policies, key)?.revision ?? 0;
    case 'webhook':
      return get(state.webhooks, key)?.revision ?? 0;
    case 'sdk-key':
      return get(state.sdkKeys, key)?.revision ?? 0;
    case 'service-token':
      return get(state.serviceTokens, key)?.revision ?? 0;
    default:
      return operation satisfies never;
  }
}
