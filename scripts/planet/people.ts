/** Who there is at the marketplace, as its identity provider, its ticket system and its trainings would tell. Names are roles: nobody is anybody. */

/** The organisation whose control plane the planet runs. */
export const ORGANISATION = 'marketplace';

/** By person: the roles that they have. `gitops` is the service that applies `flags/*.yaml`; its owner approves nothing anyway. */
export const PEOPLE = {
  admin: ['admin'],
  'admin-2': ['admin'],
  editor: ['editor'],
  'pricing-on-call-1': ['pricing-on-call'],
  'pricing-on-call-2': ['pricing-on-call'],
  'billing-on-call': ['billing-on-call'],
  'auth-on-call': ['auth-on-call'],
  'release-manager': ['release-manager'],
  gitops: ['editor', 'pricing-on-call', 'billing-on-call', 'auth-on-call'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PersonName = keyof typeof PEOPLE;

export const PERSON_NAMES = Object.keys(PEOPLE) as readonly PersonName[];

const TICKETS = { CHG0030001: 'open', CHG0030002: 'closed' } as const;
const TRAININGS = { 'billing-on-call': ['payments'] };

/** What stands for all of that in the control plane's setting `DIRECTORY`. `digestOf` gives the SHA-256 of a person's token. */
export function directoryOf(digestOf: (person: PersonName) => string): object {
  const principals = PERSON_NAMES.map((person) => ({
    sha256: digestOf(person),
    id: `sso:${person}`,
    person,
    kind: person === 'gitops' ? 'service' : 'person',
    roles: PEOPLE[person],
    scopes: { environments: ['*'], namespaces: ['*'], actions: ['*'] },
    ...(person === 'gitops' && { owner: 'editor' }),
  }));
  return { [ORGANISATION]: { principals, linked: {}, trainings: TRAININGS, tickets: TICKETS } };
}
