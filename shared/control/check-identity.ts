/** What never changes about an item, and what no other item may have had. */
import { saltSeed } from '#core/bucket';
import { variationsOf } from '#ruleset/write/compile-entry';
import { variationId } from '#ruleset/write/digest';
import { type Content, type Identity, isFlagId, itemId } from './item.ts';
import { get } from './persistent-map.ts';
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
  if (before === undefined) return saltRefusal(environment, key, content, identity.salt);
  for (const field of ['salt', 'type'] as const) {
    if (identity[field] === before[field]) continue;
    return { code: 'immutable', kind, key, field, was: before[field] ?? '' };
  }
  for (const [name, id] of Object.entries(identity.variations ?? {})) {
    const was = before.variations?.[name];
    if (was !== undefined && was !== id) return { code: 'immutable', kind, key, field: `variation ${name}`, was };
  }
  return saltRefusal(environment, key, content, identity.salt);
}

/** A salt whose hash another item has, or ever had; two flags of one cohort group share theirs on purpose. */
function saltRefusal(
  { salts, items }: EnvironmentState,
  key: string,
  content: Content,
  salt: string | undefined,
): Refusal | undefined {
  if (salt === undefined) return undefined;
  const { kind } = content;
  const group = content.kind === 'flag' ? content.body.cohortGroup : undefined;
  const by = (get(salts, String(saltSeed(salt))) ?? []).find((id) => {
    if (id === itemId(kind, key)) return false;
    const other = get(items, id);
    return !(group !== undefined && isFlagId(id) && other?.kind === 'flag' && other.body.cohortGroup === group);
  });
  return by === undefined ? undefined : { code: 'salt-taken', kind, key, by };
}
