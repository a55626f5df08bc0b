/**
 * People, tickets and trainings of one organisation, written down in a setting: stands for the identity provider and the systems of
 * tickets and trainings, behind the ports that those will have.
 */
import * as z from 'zod';
import { TOKEN_PREFIX } from '#control/persons';
import { digest, label, name } from '#schema/control-names';
import { type Principal, principal } from '#schema/control-principal';
import type { FactPorts } from './find-facts.ts';

const member = principal.omit({ holders: true }).extend({
  /** Of the whole text of its bearer token, base64url. */
  sha256: digest,
  id: label.refine((id) => !id.startsWith(TOKEN_PREFIX), 'is the id of a service token'),
});

export const directory = z.strictObject({
  principals: z
    .array(member)
    .refine((all) => isUnique(all.map(({ id }) => id)), 'two have the same id')
    .refine((all) => isUnique(all.map(({ sha256 }) => sha256)), 'two have the same token'),
  /** Another name of the same person, by person. */
  linked: z.record(label, label).default({}),
  /** Completed ones, by person. */
  trainings: z.record(label, z.array(name)).default({}),
  /** By ticket. One that is not here is unknown. */
  tickets: z.record(label, z.enum(['open', 'closed'])).default({}),
});

export type DirectoryInput = z.input<typeof directory>;

export const isDirectory = (value: unknown): value is DirectoryInput => directory.safeParse(value).success;

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** Nobody is in it where none is given. */
export function createDirectory(input: DirectoryInput = { principals: [] }): FactPorts {
  const { principals, linked, trainings, tickets } = directory.parse(input);
  const members = principals.map(({ sha256, ...one }): readonly [string, Principal] => [sha256, one]);
  const byDigest = new Map(members);
  const byId = new Map(members.map(([, one]) => [one.id, one]));
  const names = new Map(Object.entries(linked));
  const completed = new Map(Object.entries(trainings).map(([person, done]) => [person, new Set(done)]));
  const states = new Map(Object.entries(tickets));
  return {
    identities: {
      byDigest: async (sha256) => byDigest.get(sha256),
      byId: async (id) => byId.get(id),
      linked: async (person) => names.get(person),
    },
    tickets: { stateOf: async (ticket) => states.get(ticket) ?? 'unknown' },
    trainings: { completedBy: async (person) => completed.get(person) ?? new Set() },
  };
}
