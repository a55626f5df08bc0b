/** SDK keys and service tokens. Their secrets are made at the border; only digests come in. */
import * as z from 'zod';
import { MAX_DESCRIPTION } from './control-limits.ts';
import { digest, label, name, roles, scope, time } from './control-names.ts';
import { scopes } from './control-principal.ts';

/** What reads rulesets: one for each service. */
export const sdkKey = z.strictObject({
  kind: z.enum(['relay', 'server', 'client']),
  service: name,
  environment: name,
  namespaces: scope,
  description: z.string().max(MAX_DESCRIPTION).default(''),
  sha256: digest,
  expiresAt: time.exactOptional(),
});

/** A principal for programs. Somebody answers for each. */
export const serviceToken = z.strictObject({
  owner: label,
  roles,
  scopes,
  description: z.string().max(MAX_DESCRIPTION).default(''),
  sha256: digest,
  expiresAt: time.exactOptional(),
});

export type SdkKeyBody = z.output<typeof sdkKey>;
export type ServiceTokenBody = z.output<typeof serviceToken>;
