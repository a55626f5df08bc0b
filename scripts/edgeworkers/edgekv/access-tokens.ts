/** Tokens that EdgeWorkers read EdgeKV with. Source: akamai-apis, edgekv/v1, "Access tokens". */
import { randomBytes } from 'node:crypto';
import type { Network } from './edgekv-store.ts';

export type Permission = 'r' | 'w' | 'd';

export interface TokenOrder {
  readonly name: string;
  readonly allowOnStaging: boolean;
  readonly allowOnProduction: boolean;
  /** `2027-03-31`: the last day on which it is good. */
  readonly expiry: string;
  readonly namespacePermissions: Readonly<Record<string, readonly Permission[]>>;
}

export interface AccessToken extends TokenOrder {
  readonly uuid: string;
  readonly value: string;
}

export interface AccessTokens {
  issue(order: TokenOrder): AccessToken;
  find(name: string): AccessToken | undefined;
  list(): readonly AccessToken[];
  revoke(name: string): void;
  isExpired(token: AccessToken): boolean;
  /** 401 for what is no token, 403 for one that is not good for this. */
  check(credential: TokenCredential, network: Network, namespace: string, needed: Permission): 200 | 401 | 403;
  dump(): readonly AccessToken[];
}

/** As a request brings it: the token itself, or the reference to it. */
export interface TokenCredential {
  readonly value?: string | undefined;
  readonly reference?: string | undefined;
}

export function createAccessTokens(clock: () => number, restore: readonly AccessToken[] = []): AccessTokens {
  const tokens = new Map(restore.map((token) => [token.name, token]));
  const isExpired = ({ expiry }: AccessToken): boolean => clock() >= Date.parse(`${expiry}T00:00:00Z`) + DAY_MS;
  return {
    issue(order) {
      const token = { ...order, uuid: crypto.randomUUID(), value: jwt(order) };
      tokens.set(order.name, token);
      return token;
    },
    find: (name) => tokens.get(name),
    list: () => [...tokens.values()],
    revoke: (name) => void tokens.delete(name),
    isExpired,
    check({ value, reference }, network, namespace, needed) {
      const token = [...tokens.values()].find((one) =>
        reference === undefined ? one.value === value : one.uuid === reference,
      );
      if (token === undefined || isExpired(token)) return 401;
      const isAllowed = network === 'staging' ? token.allowOnStaging : token.allowOnProduction;
      return isAllowed && token.namespacePermissions[namespace]?.includes(needed) ? 200 : 403;
    },
    dump: () => [...tokens.values()],
  };
}

const DAY_MS = 86_400_000;

/** In a JWT's form; its signature is nobody's. */
function jwt({ name, namespacePermissions, expiry }: TokenOrder): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  const claims = { ewids: 'all', shortname: name, ...prefixed(namespacePermissions), exp: Date.parse(expiry) / 1_000 };
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${randomBytes(32).toString('base64url')}`;
}

const prefixed = (permissions: TokenOrder['namespacePermissions']): object =>
  Object.fromEntries(Object.entries(permissions).map(([namespace, allowed]) => [`namespace-${namespace}`, allowed]));

/** `edgekv_tokens.js`, as the platform's tools write it. */
export function tokensModule(tokens: readonly AccessToken[]): string {
  const entries = tokens.flatMap(({ name, value, namespacePermissions }) =>
    Object.keys(namespacePermissions).map((namespace) => [`namespace-${namespace}`, { name, value }] as const),
  );
  return `var edgekv_access_tokens = ${JSON.stringify(Object.fromEntries(entries), null, 2)};\nexport { edgekv_access_tokens };\n`;
}
