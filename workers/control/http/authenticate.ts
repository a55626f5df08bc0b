/** Whose token a request carries: a service token of the state, or somebody whom the port knows. */

import { get } from '#control/persistent-map';
import { principalNow, TOKEN_PREFIX } from '#control/persons';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { type AccessToken, accessToken } from '../access-token.ts';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';

export async function authenticate(api: Api, headers: Headers): Promise<Result<Principal, ApiRefusal>> {
  const token = accessToken(headers);
  if (token === undefined || token.organisation !== api.organisation) return refused({ code: 'unauthorized' });
  const service = serviceOf(api, token);
  if (service !== undefined) return ok(service);
  try {
    const principal = await api.ports.identities.byDigest(token.sha256);
    return principal === undefined ? refused({ code: 'unauthorized' }) : ok(principal);
  } catch {
    return refused({ code: 'identities-unreachable' });
  }
}

function serviceOf({ control, now }: Api, { name, sha256 }: AccessToken): Principal | undefined {
  const { state, restoring } = control.executing.held();
  // Of a log that is being taken over nobody knows yet which are still good.
  if (restoring !== undefined) return undefined;
  const token = get(state.serviceTokens, name);
  const time = now();
  const isValid = token?.secrets.some((one) => one.sha256 === sha256 && (one.expiresAt ?? time + 1) > time);
  if (!isValid) return undefined;
  return principalNow(state, `${TOKEN_PREFIX}${name}`, { now: time, principals: new Map() });
}
