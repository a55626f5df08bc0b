/** What the operations of a change would do one after another, before payloads are looked at: events, and the state behind them. */
import type { ItemOperation, Operation } from '#schema/control-operation';
import { ok, type Result, refused } from '#schema/result';
import type { ItemEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { itemId } from './item.ts';
import type { Refusal } from './refusal.ts';
import { stageItem } from './stage-item.ts';
import { stageRecord } from './stage-record.ts';
import { stageSecret } from './stage-secret.ts';
import { staleBases } from './stale-bases.ts';
import type { State } from './state.ts';

export interface Staged {
  readonly state: State;
  readonly events: readonly ItemEvent[];
  /** By environment, the ids of the items that are other than before. */
  readonly touched: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Staging {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The persons who may know the secrets that the change brings. */
  readonly holders: readonly string[];
  /** Flags that wait for nobody: an operation puts each, whether or not it says anything new. */
  readonly override?: readonly string[];
}

export const isItemOperation = (operation: Operation): operation is ItemOperation =>
  'environment' in operation && typeof operation.environment === 'string';

export function stage(before: State, operations: readonly Operation[], staging: Staging): Result<Staged, Refusal> {
  const repeated = repeatedTarget(operations);
  if (repeated !== undefined) return refused({ code: 'repeated', kind: repeated.kind, key: repeated.key });
  const strangers = notPut(operations, staging.override);
  if (strangers.length > 0) return refused({ code: 'override-of-others', flags: strangers });
  const items = staleBases(before, operations);
  if (items.length > 0) return refused({ code: 'stale', items });
  let state = before;
  const events: ItemEvent[] = [];
  const touched = new Map<string, Set<string>>();
  for (const operation of operations) {
    const staged = stageOne(state, operation, staging);
    if (!staged.ok) return staged;
    const event = staged.value;
    if (event === undefined) continue;
    state = evolve(state, event);
    events.push(event);
    if (isItemOperation(operation)) {
      const ids = touched.get(operation.environment) ?? new Set();
      touched.set(operation.environment, ids.add(itemId(operation.kind, operation.key)));
    }
  }
  return events.length === 0 ? refused({ code: 'nothing-changes' }) : ok({ state, events, touched });
}

/** Undefined where the operation makes no difference. */
function stageOne(state: State, operation: Operation, staging: Staging): Result<ItemEvent | undefined, Refusal> {
  switch (operation.kind) {
    case 'flag':
    case 'segment':
    case 'layer':
    case 'holdout':
      return stageItem(state, operation, staging.override);
    case 'project':
    case 'environment':
    case 'policy':
    case 'webhook':
      return stageRecord(state, operation);
    case 'sdk-key':
    case 'service-token':
      return stageSecret(state, operation, staging);
    default:
      return operation satisfies never;
  }
}

/** Whoever may change a flag may say that it waits for nobody. */
function notPut(operations: readonly Operation[], override: readonly string[] = []): readonly string[] {
  const put = new Set(operations.flatMap(({ kind, op, key }) => (kind === 'flag' && op === 'put' ? [key] : [])));
  return override.filter((flag) => !put.has(flag));
}

/** Each operation is made on a revision that there was before the change: of two on one item, one could not be. */
function repeatedTarget(operations: readonly Operation[]): Operation | undefined {
  const seen = new Set<string>();
  return operations.find((operation) => {
    const environment = isItemOperation(operation) ? operation.environment : '';
    return seen.size === seen.add(`${environment} ${operation.kind} ${operation.key}`).size;
  });
}
