/** What never changes about an item, and what no other item may have had. */
import { saltSeed } from '#core/bucket';
import { variationsOf } from '#ruleset/write/compile-entry';
import { variationId } from '#ruleset/write/digest';
import { isSameSalt } from '#ruleset/write/seeds';
import { type Content, type Identity, isFlagId, itemId } from './item.ts';
import { get, has } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { EnvironmentState } from './state.ts';

export function identityOf(content: Content, before: Identity = {}): Identity {
  switch (content.kind) {
    case 'flag': {
      const { salt, type } = content.body;
      const ids = Object.fromEntries(variationsOf(content.body).map(([name, value]) => [name, variationId(value)]));
      return { salt, type, variations: { ...before.variations, ...ids } };
    }
    case 'segment':
      return {};
    case 'layer':
    case 'holdout':
      return { salt: content.body.salt };
    default:
      return content satisfies never;
  }
}

/** `before` is undefined of what is new. */
export function identityRefusal(
  environment: EnvironmentState,
  key: string,
  content: Content,
  before: Identity | undefined,
): Refusal | undefined {
  const { kind } = content;
  const identity = identityOf(content);
  if (before === undefined) return saltRefusal(environment, key, content, identity.salt, true);
  for (const field of ['salt', 'type'] as const) {
    if (identity[field] === before[field]) continue;
    // Another text of the same hash is the same salt: what was read back from the publisher's lines may have one.
    if (field === 'salt' && isSameSalt(identity.salt ?? '', before.salt ?? '')) continue;
    return { code: 'immutable', kind, key, field, was: before[field] ?? '' };
  }
  for (const [name, id] of Object.entries(identity.variations ?? {})) {
    const was = before.variations?.[name];
    if (was !== undefined && was !== id) return { code: 'immutable', kind, key, field: `variation ${name}`, was };
  }
  return saltRefusal(environment, key, content, identity.salt, false);
}

/**
 * A salt whose hash another item has, or ever had; two flags of one cohort group share theirs on purpose. Whoever has it already, itself or
 * by its group, keeps it when one of those that shared it is deleted.
 */
function saltRefusal(
  { salts, items }: EnvironmentState,
  key: string,
  content: Content,
  salt: string | undefined,
  isNew: boolean,
): Refusal | undefined {
  if (salt === undefined) return undefined;
  const { kind } = content;
  const group = content.kind === 'flag' ? content.body.cohortGroup : undefined;
  const others = (get(salts, String(saltSeed(salt))) ?? []).filter((id) => id !== itemId(kind, key));
  const isOfGroup = (id: string): boolean => {
    const other = get(items, id);
    return group !== undefined && isFlagId(id) && other?.kind === 'flag' && other.body.cohortGroup === group;
  };
  const isKept = !isNew || others.some(isOfGroup);
  const by = others.find((id) => !isOfGroup(id) && !(isKept && !has(items, id)));
  return by === undefined ? undefined : { code: 'salt-taken', kind, key, by };
}
