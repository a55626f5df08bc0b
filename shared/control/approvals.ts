/** Whose approvals count, and how many are missing. */
import { mayApprove } from './authorize.ts';
import type { Facts } from './facts.ts';
import { trainingRefusal } from './gates.ts';
import { partyOf, personsOf, principalNow, sharesPerson } from './persons.ts';
import type { MissingApproval } from './refusal.ts';
import type { ChangeRequest, Party, Requirement, State } from './state.ts';

export type Weighed = Pick<ChangeRequest, 'hash' | 'editors' | 'approvals' | 'requirements'>;

/** Empty where every requirement is met, by people who still have the role, and none of whom wrote the change. */
export function missingApprovals(state: State, request: Weighed, facts: Facts): MissingApproval[] {
  const editors = request.editors.map((editor) => currentParty(state, editor, facts));
  return request.requirements.flatMap((requirement) => {
    const { count, roles } = requirement.approvals;
    const { policy, environment, namespaces } = requirement;
    const missing = count - distinctPersons(state, requirement, request, { editors, facts });
    return missing <= 0 ? [] : [{ policy, environment, namespaces, roles, missing }];
  });
}

interface Around {
  readonly editors: readonly Party[];
  readonly facts: Facts;
}

/** Identities that have a person in common are one voice. */
function distinctPersons(
  state: State,
  requirement: Requirement,
  { approvals, hash }: Weighed,
  { editors, facts }: Around,
): number {
  const voices: Set<string>[] = [];
  for (const { by, hash: approved } of approvals) {
    const principal = principalNow(state, by.id, facts);
    if (principal === undefined || approved !== hash || !mayApprove(principal, requirement)) continue;
    const party = merged(by, partyOf(principal));
    if (editors.some((editor) => sharesPerson(editor, party, facts))) continue;
    if (trainingRefusal(requirement.training, partyOf(principal), facts) !== undefined) continue;
    const persons = personsOf(party, facts);
    const same = voices.find((voice) => [...persons].some((person) => voice.has(person)));
    if (same === undefined) voices.push(persons);
    else for (const person of persons) same.add(person);
  }
  return voices.length;
}

/** Whoever it was then, and whoever it is now. */
export function currentParty(state: State, party: Party, facts: Facts): Party {
  const principal = principalNow(state, party.id, facts);
  return principal === undefined ? party : merged(party, partyOf(principal));
}

const merged = (one: Party, other: Party): Party => ({
  id: one.id,
  person: other.person,
  alsoPersons: [...new Set([one.person, ...one.alsoPersons, ...other.alsoPersons])].filter((it) => it !== other.person),
});
