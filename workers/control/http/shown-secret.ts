/** An SDK key or a service token as it is shown: all but its secret. */
import * as z from 'zod';
import { rfc3339 } from '#control/rfc3339';
import type { SdkKey, ServiceToken } from '#control/state';
import { name } from '#schema/control-names';
import { type SecretKind, validSecrets } from './secret-kinds.ts';
import { revision, time } from './shapes.ts';

const common = {
  key: name,
  revision,
  secrets: z
    .array(z.object({ expiresAt: time.optional() }))
    .describe('Those that are valid, the newest first: two while a rotation overlaps, none where it has expired.'),
};

export const secretShape = ({ kind, body }: SecretKind): z.ZodType =>
  z.object({
    ...common,
    ...body.shape,
    ...(kind === 'sdk-key' && {
      lastUsedAt: time.nullable().describe('To the minute; null where nobody has told of a use.'),
    }),
  });

/** When each digest was last used. */
export type Uses = ReadonlyMap<string, number>;

export function shownSecret({ kind }: SecretKind, one: SdkKey | ServiceToken, now: number, uses: Uses) {
  const { key, revision: at, body, secrets } = one;
  const valid = validSecrets(secrets, now).map(({ expiresAt }) =>
    expiresAt === undefined ? {} : { expiresAt: rfc3339(expiresAt) },
  );
  const used = secrets.flatMap(({ sha256 }) => uses.get(sha256) ?? []);
  const lastUsedAt = used.length === 0 ? null : rfc3339(Math.max(...used));
  return { key, revision: at, ...body, secrets: valid, ...(kind === 'sdk-key' && { lastUsedAt }) };
}
