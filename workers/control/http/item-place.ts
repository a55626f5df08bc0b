/** Where an item is, for the routes of it. */
import { type Item, type ItemKind, itemId } from '#control/item';
import { get } from '#control/persistent-map';
import type { EnvironmentState, State } from '#control/state';
import { type Result, refused } from '#schema/result';
import type { ApiRefusal } from './api-refusal.ts';
import type { KindShape } from './item-kinds.ts';

export const EDIT_ITEM = { action: 'edit', over: 'namespace', roles: 'policy' } as const;

export const itemPath = ({ plural }: KindShape): string => `/v1/environments/{environment}/${plural}/{key}`;

interface ItemPlace {
  readonly environment: string;
  readonly key: string;
}

export function itemAt(state: State, kind: ItemKind, { environment, key }: ItemPlace): Result<Item, ApiRefusal> {
  const found: EnvironmentState | undefined = get(state.environments, environment);
  const item = found && get(found.items, itemId(kind, key));
  return item === undefined ? refused(notThere(kind, key)) : { ok: true, value: item };
}

export const notThere = (what: ItemKind, key: string): ApiRefusal => ({ code: 'not-found', what, key });
