/** One operation on a flag, segment, layer or holdout, whose base was checked. */
import { canonicalJson } from '#ruleset/canonical-json';
import { MAX_ITEMS } from '#schema/control-limits';
import type { ItemOperation, People } from '#schema/control-operation';
import type { FlagRanges, LayerRanges } from '#schema/control-ranges';
import { ok, type Result, refused } from '#schema/result';
import { identityOf, identityRefusal } from './check-identity.ts';
import type { ItemEvent } from './event.ts';
import { type Content, type Item, itemId, SECTIONS } from './item.ts';
import { hasRanges } from './item-ranges.ts';
import { get, has } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { EnvironmentState, State } from './state.ts';

const NOBODY: People = { tags: [] };

type Outcome = Result<ItemEvent | undefined, Refusal>;

/** What is put for the sake of an override is put anew, though it says the same. */
export function stageItem(state: State, operation: ItemOperation, override: readonly string[] = []): Outcome {
  const { kind, key } = operation;
  const environment = get(state.environments, operation.environment);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key: operation.environment });
  const item = get(environment.items, itemId(kind, key));
  if (operation.op === 'put' && (operation.archived || !item?.archived))
    return put(state, environment, item, { ...operation, isAnew: kind === 'flag' && override.includes(key) });
  if (operation.op === 'put') return refused({ code: 'archived', kind, key });
  if (item === undefined) return refused({ code: 'not-found', what: kind, key });
  const named = { environment: environment.key, kind, key, revision: item.revision + 1 };
  switch (operation.op) {
    case 'archive':
      return item.archived ? refused({ code: 'archived', kind, key }) : ok({ type: 'item-archived', ...named });
    case 'restore':
      return item.archived
        ? put(state, environment, item, { ...operation, body: operation.body ?? item.body })
        : refused({ code: 'not-archived', kind, key });
    case 'delete':
      return item.archived ? ok({ type: 'item-deleted', ...named }) : refused({ code: 'not-archived', kind, key });
    default:
      return operation satisfies never;
  }
}

interface Put {
  readonly kind: Item['kind'];
  readonly key: string;
  readonly body: Item['body'];
  readonly people?: People;
  readonly archived?: true;
  readonly ranges?: FlagRanges | LayerRanges;
  readonly isAnew?: boolean;
}

/** What an archived item refers to need not be there: it is asked for once the item comes back. */
function put(state: State, environment: EnvironmentState, item: Item | undefined, operation: Put): Outcome {
  const { kind, key, body, people = item?.people ?? NOBODY, archived, ranges, isAnew } = operation;
  const content = { kind, body } as Content;
  const refusal =
    (item === undefined ? newcomerRefusal(environment, content, key) : undefined) ??
    projectRefusal(state, people) ??
    rangesRefusal(environment, operation) ??
    identityRefusal(environment, key, content, item?.identity);
  if (refusal !== undefined) return refused(refusal);
  const isThere = item?.archived === (archived ?? false);
  const isSame = isThere && sameJson(item?.body, body) && sameJson(item?.people, people);
  if (item !== undefined && isSame && !isAnew && hasRanges(environment, item, ranges)) return ok(undefined);
  const identity = identityOf(content, item?.identity);
  const revision = (item?.revision ?? 0) + 1;
  const named = { environment: environment.key, kind, key, revision };
  return ok({ type: 'item-put', ...named, content, people, identity, ...(archived && { archived }) });
}

function newcomerRefusal(
  { tombstones, spellings, items }: EnvironmentState,
  { kind }: Content,
  key: string,
): Refusal | undefined {
  const id = itemId(kind, key);
  if (has(tombstones, id)) return { code: 'used-before', kind, key };
  const other = get(spellings, id.toLowerCase());
  if (other !== undefined) return { code: 'twin', kind, key, other };
  const full = items.size + tombstones.size >= MAX_ITEMS;
  return full ? { code: 'too-many', what: 'items of an environment', most: MAX_ITEMS } : undefined;
}

function rangesRefusal(
  { key: environment }: EnvironmentState,
  { kind, key, archived, ranges }: Put,
): Refusal | undefined {
  if (ranges === undefined || !archived) return undefined;
  const issue = { path: [SECTIONS[kind], key, 'ranges'], message: 'must be left out: what is archived has none' };
  return { code: 'invalid', environment, issues: [issue] };
}

const projectRefusal = ({ projects }: State, { project }: People): Refusal | undefined =>
  project === undefined || has(projects, project) ? undefined : { code: 'not-found', what: 'project', key: project };

const sameJson = (one: unknown, other: unknown): boolean =>
  one === other || canonicalJson(one) === canonicalJson(other);
