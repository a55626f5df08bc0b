/** An SDK key or a service token as it is shown: all but its secret. */
import * as z from 'zod';
import { rfc3339 } from '#control/rfc3339';
import type { KeyDigest, SdkKey, ServiceToken } from '#control/state';
import { name, scope } from '#schema/control-names';
import { type SecretKind, validSecrets } from './secret-kinds.ts';
import { revision, time } from './shapes.ts';

const common = {
  key: name,
  revision,
};

const SECRETS = 'Those that are valid, the newest first: two while a rotation overlaps, none where it has expired.';

const ownNamespaces = scope.optional().describe('Where they are others than the key has now.');

const lastUsedAt = time.nullable().describe('To the minute; null where nobody has told of a use.');

export const secretShape = ({ kind, body }: SecretKind): z.ZodType =>
  z.object({
    ...common,
    ...body.shape,
    secrets: z
      .array(
        z.object({ expiresAt: time.optional(), ...(kind === 'sdk-key' && { namespaces: ownNamespaces, lastUsedAt }) }),
      )
      .describe(SECRETS),
    ...(kind === 'sdk-key' && { lastUsedAt }),
  });

/** When each digest was last used. */
export type Uses = ReadonlyMap<string, number>;

export function shownSecret({ kind }: SecretKind, one: SdkKey | ServiceToken, now: number, uses: Uses) {
  const { key, revision: at, body, secrets } = one;
  const lastUse = (of: readonly KeyDigest[]): object => (kind === 'sdk-key' ? { lastUsedAt: lastOf(of, uses) } : {});
  const valid = validSecrets(secrets, now).map((secret) => ({
    ...(secret.expiresAt !== undefined && { expiresAt: rfc3339(secret.expiresAt) }),
    ...(secret.namespaces !== undefined && { namespaces: secret.namespaces }),
    ...lastUse([secret]),
  }));
  return { key, revision: at, ...body, secrets: valid, ...lastUse(secrets) };
}

function lastOf(secrets: readonly KeyDigest[], uses: Uses): string | null {
  const used = secrets.flatMap(({ sha256 }) => uses.get(sha256) ?? []);
  return used.length === 0 ? null : rfc3339(Math.max(...used));
}
