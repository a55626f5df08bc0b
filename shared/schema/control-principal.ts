/** Who acts: an identity that a port vouches for, and the person behind it. */
import * as z from 'zod';
import { ALL } from './control-limits.ts';
import { label, name, scope } from './control-names.ts';

export const ACTIONS = ['read', 'edit', 'approve', 'administer'] as const;
export type Action = (typeof ACTIONS)[number];

export const scopes = z.strictObject({
  environments: scope,
  namespaces: scope,
  actions: z
    .array(z.union([z.literal(ALL), z.enum(ACTIONS)]))
    .min(1)
    .max(ACTIONS.length + 1),
});

export const principal = z.strictObject({
  /** Of this identity, as `okta:00u1` or `token:ci`. */
  id: label,
  /** Two identities of one person have the same. */
  person: label,
  kind: z.enum(['person', 'service']),
  roles: z.array(name),
  scopes,
  /** Of a service: the person who answers for it. */
  owner: label.exactOptional(),
  /** Of a service: who else has held its secret. */
  holders: z.array(label).exactOptional(),
});

export type Scopes = z.output<typeof scopes>;
export type Principal = z.output<typeof principal>;

/** The control plane itself: applies what is due, and hears the publisher. No request from outside is it. */
export interface System {
  readonly kind: 'system';
  readonly id: string;
}

export type Actor = Principal | System;
