/**
 * What whoever uses EdgeKV does once: makes the namespace on each network, and a token that EdgeWorkers read it with. Over the
 * administration API, signed, as from outside.
 */
import { type EdgeGridCredentials, edgeGridAuthorization, edgeGridTimestamp } from '#edgekv/akamai/edgegrid';
import type { AccessToken } from '../../edgeworkers/edgekv/access-tokens.ts';
import { NETWORKS } from '../layout.ts';

export const EDGEKV_NAMESPACE = 'lockstep';
export const EDGEKV_GROUP = 'views';

const TOKEN = 'planet';
/** Tokens are good for six months at most. */
const TOKEN_DAYS = 180;
const DAY_MS = 86_400_000;

/** The token: another at each start. */
export async function openAccount(url: string, credentials: EdgeGridCredentials, now: Date): Promise<AccessToken> {
  const call = caller(url, credentials);
  for (const network of NETWORKS) {
    const namespace = { namespace: EDGEKV_NAMESPACE, retentionInSeconds: 0, groupId: 0 };
    await must(call('POST', `networks/${network}/namespaces`, namespace));
  }
  // The last start's, which may be about to expire; there is none at the first.
  await call('DELETE', `tokens/${TOKEN}`);
  const order = {
    name: TOKEN,
    allowOnStaging: true,
    allowOnProduction: true,
    expiry: new Date(now.getTime() + TOKEN_DAYS * DAY_MS).toISOString().slice(0, 10),
    namespacePermissions: { [EDGEKV_NAMESPACE]: ['r' as const] },
  };
  const response = await must(call('POST', 'tokens', order));
  return { ...order, ...((await response.json()) as Pick<AccessToken, 'uuid' | 'value'>) };
}

type Call = (method: string, path: string, body?: object) => Promise<Response>;

function caller(url: string, credentials: EdgeGridCredentials): Call {
  return async (method, path, body) => {
    const target = new URL(`/edgekv/v1/${path}`, `https://${credentials.host}`);
    const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
    const authorization = await edgeGridAuthorization(
      { method, url: target, ...(bytes && { body: bytes }) },
      credentials,
      { timestamp: edgeGridTimestamp(new Date()), nonce: crypto.randomUUID(), subtle: crypto.subtle },
    );
    const headers = { authorization, ...(bytes && { 'content-type': 'application/json' }) };
    return fetch(`${url}${target.pathname}`, { method, headers, ...(bytes && { body: bytes }) });
  };
}

async function must(called: Promise<Response>): Promise<Response> {
  const response = await called;
  if (!response.ok) throw new Error(`EdgeKV refuses its account: HTTP ${response.status} ${await response.text()}`);
  return response;
}
