/** What the marketplace's organisation begins with: its environment, its projects with their teams, and its flags. */
import { ITEM_KINDS, SECTIONS } from '#control/item';
import type { Authored } from '#schema/authored';
import type { Operation, People } from '#schema/control-operation';
import { ENVIRONMENT } from './layout.ts';

/** By namespace, which is a project's key too: what it is called, and the team that owns it. */
const PROJECTS: Readonly<Record<string, { readonly name: string; readonly team: string }>> = {
  auth: { name: 'Signing in', team: 'auth-on-call' },
  billing: { name: 'Billing', team: 'billing-on-call' },
  checkout: { name: 'Checkout', team: 'checkout-team' },
  mobile: { name: 'Mobile apps', team: 'mobile-team' },
  platform: { name: 'Platform', team: 'platform-team' },
  pricing: { name: 'Pricing', team: 'pricing-on-call' },
  search: { name: 'Search', team: 'search-team' },
};

/** What several namespaces use is nobody's alone. */
const SHARED = 'platform-team';

export function foundingOperations(authored: Authored): Operation[] {
  const environment: Operation = {
    ...{ op: 'put', kind: 'environment', key: ENVIRONMENT, base: 0 },
    body: { name: 'Marketplace, production', description: 'What travellers see.' },
  };
  const projects = Object.entries(PROJECTS).map(([key, { name, team }]): Operation => {
    return { op: 'put', kind: 'project', key, base: 0, body: { name, description: `Owned by ${team}.` } };
  });
  const items = ITEM_KINDS.flatMap((kind) =>
    Object.entries(authored[SECTIONS[kind]]).map(
      ([key, body]) =>
        ({ op: 'put', kind, environment: ENVIRONMENT, key, base: 0, body, people: peopleOf(key) }) as Operation,
    ),
  );
  return [environment, ...projects, ...items];
}

function peopleOf(key: string): People {
  const namespace = key.split('.', 1)[0] as string;
  const project = PROJECTS[namespace];
  return project === undefined
    ? { owner: SHARED, tags: [] }
    : { project: namespace, owner: project.team, tags: [namespace] };
}
