/** The persons behind an identity. Two identities with one in common cannot approve one another. */
import type { Principal } from '#schema/control-principal';
import type { Facts } from './facts.ts';
import { get } from './persistent-map.ts';
import type { Party, State } from './state.ts';

export const TOKEN_PREFIX = 'token:';

export const partyOf = ({ id, person, owner, holders = [] }: Principal): Party => ({
  id,
  person,
  alsoPersons: owner === undefined ? [...holders] : [owner, ...holders],
});

/** By one name each, as far as their accounts are known to be linked. */
export const personsOf = ({ person, alsoPersons }: Party, { linked }: Pick<Facts, 'linked'>): Set<string> =>
  new Set([person, ...alsoPersons].map((one) => nameOf(one, linked)));

export function nameOf(person: string, linked: Facts['linked']): string {
  const seen = new Set([person]);
  for (let next = linked.get(person); next !== undefined && !seen.has(next); next = linked.get(next)) seen.add(next);
  // Of a ring of links, any one name does, as long as it is always the same.
  return linked.has([...seen].at(-1) as string) ? ([...seen].sort()[0] as string) : ([...seen].at(-1) as string);
}

/** An identity as it is now; undefined where it is none any more. */
export function principalNow(
  state: State,
  id: string,
  { now, principals }: Pick<Facts, 'now' | 'principals'>,
): Principal | undefined {
  if (!id.startsWith(TOKEN_PREFIX)) return principals.get(id);
  const token = get(state.serviceTokens, id.slice(TOKEN_PREFIX.length));
  if (token === undefined || !token.secrets.some(({ expiresAt = now + 1 }) => expiresAt > now)) return undefined;
  const { body, holders } = token;
  const { roles, scopes, owner } = body;
  return { id, person: id, kind: 'service', roles, scopes, owner, holders: [...holders] };
}

export const sharesPerson = (one: Party, other: Party, facts: Pick<Facts, 'linked'>): boolean => {
  const persons = personsOf(other, facts);
  return [...personsOf(one, facts)].some((person) => persons.has(person));
};
