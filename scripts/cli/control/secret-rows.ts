/** SDK keys and service tokens, one a line. */

export interface SecretAnswer {
  readonly key: string;
  readonly revision: number;
  /** Those that are valid, the newest first. */
  readonly secrets: readonly {
    readonly expiresAt?: string;
    readonly namespaces?: readonly string[];
    readonly lastUsedAt?: string | null;
  }[];
  readonly lastUsedAt?: string | null;
  readonly kind?: string;
  readonly service?: string;
  readonly environment?: string;
  readonly namespaces?: readonly string[];
  readonly owner?: string;
  readonly roles?: readonly string[];
  readonly scopes?: {
    readonly environments: readonly string[];
    readonly namespaces: readonly string[];
    readonly actions: readonly string[];
  };
}

export const SECRET_HEADS = {
  key: ['key', 'kind', 'service', 'environment', 'namespaces', 'valid', 'last used'],
  token: ['token', 'owner', 'roles', 'may', 'environments', 'namespaces', 'valid'],
} as const;

export const SECRET_ROWS = {
  key: (one: SecretAnswer): readonly string[] => [
    ...[one.key, one.kind ?? '-', one.service ?? '-', one.environment ?? '-'],
    ...[listed(one.namespaces), validText(one), one.lastUsedAt ?? 'not told'],
  ],
  token: (one: SecretAnswer): readonly string[] => [
    ...[one.key, one.owner ?? '-', listed(one.roles), listed(one.scopes?.actions)],
    ...[listed(one.scopes?.environments), listed(one.scopes?.namespaces), validText(one)],
  ],
};

const listed = (names: readonly string[] | undefined): string => names?.join(', ') || '-';

function validText({ secrets }: SecretAnswer): string {
  const [newest, ...older] = secrets;
  if (newest === undefined) return 'EXPIRED';
  const until = newest.expiresAt === undefined ? 'yes' : `until ${newest.expiresAt}`;
  const [before] = older;
  if (before === undefined) return until;
  const use = before.lastUsedAt === undefined ? '' : ` (last used: ${before.lastUsedAt ?? 'not told'})`;
  const sees = before.namespaces === undefined ? '' : `, for ${listed(before.namespaces)}`;
  return `${until}, and the one before until ${before.expiresAt ?? '-'}${sees}${use}`;
}
