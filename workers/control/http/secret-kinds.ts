/** SDK keys and service tokens as the API has them: the secret of each is made here, shown once, and known by its digest from then on. */
import type * as z from 'zod';
import { get, type PersistentMap } from '#control/persistent-map';
import type { KeyDigest, SdkKey, ServiceToken, State } from '#control/state';
import { encodeBase64url } from '#core/base64url';
import { digestOfText } from '#ruleset/write/digest';
import { sdkKey, serviceToken } from '#schema/control-keys';
import { ALL } from '#schema/control-limits';
import { scope } from '#schema/control-names';
import { type NewToken, newToken } from '../access-token.ts';
import type { Api } from './api.ts';

export interface SecretKind {
  readonly kind: 'sdk-key' | 'service-token';
  readonly plural: 'sdk-keys' | 'service-tokens';
  readonly id: string;
  readonly what: string;
  /** Without its secret. */
  readonly body: z.ZodObject;
  /** What a rotation may bring besides a secret. */
  readonly rotation: z.ZodRawShape;
  readonly example: object;
  readonly description: string;
  readonly of: (state: State) => PersistentMap<SdkKey | ServiceToken>;
  newSecret(api: Api, key: string, body: unknown): NewToken;
}

const SECRET_BYTES = 32;
const OTHER_NAMESPACES =
  'Those that the new secret sees, where they are to be others. The old one sees what it saw, until it ends.';

export const SECRET_KINDS: readonly SecretKind[] = [
  {
    ...{ kind: 'sdk-key', plural: 'sdk-keys', id: 'SdkKey', what: 'an SDK key' },
    body: sdkKey.omit({ sha256: true, expiresAt: true }).extend({ namespaces: scope.default([ALL]) }),
    rotation: { namespaces: scope.optional().describe(OTHER_NAMESPACES) },
    example: { kind: 'server', service: 'search', environment: 'production', namespaces: ['search'] },
    description:
      'What reads flags: one for each service. `client` keys are in pages, and see what clients may see alone.',
    of: ({ sdkKeys }) => sdkKeys,
    newSecret({ randomBytes }, _key, body) {
      const text = `ls_${(body as { readonly kind: string }).kind}_${encodeBase64url(randomBytes(SECRET_BYTES))}`;
      return { text, sha256: digestOfText(text) };
    },
  },
  {
    ...{ kind: 'service-token', plural: 'service-tokens', id: 'ServiceToken', what: 'a service token' },
    body: serviceToken.omit({ sha256: true, expiresAt: true }),
    rotation: {},
    example: {
      owner: 'release-manager-1',
      roles: ['editor'],
      scopes: { environments: ['production'], namespaces: ['search'], actions: ['read', 'edit'] },
      description: 'Deploys search.',
    },
    description: 'A principal for programs. Somebody answers for each, and approves nothing of what it submits.',
    of: ({ serviceTokens }) => serviceTokens,
    newSecret: ({ organisation, randomBytes }, key) => newToken(organisation, key, randomBytes),
  },
];

export const secretAt = ({ of }: SecretKind, state: State, key: string): SdkKey | ServiceToken | undefined =>
  get(of(state), key);

/** Those that are valid at that time, the newest first. */
export const validSecrets = (secrets: readonly KeyDigest[], now: number): readonly KeyDigest[] =>
  secrets.filter(({ expiresAt = now + 1 }) => expiresAt > now);
