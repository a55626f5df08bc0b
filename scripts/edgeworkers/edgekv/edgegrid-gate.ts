/**
 * Lets in who signs as Akamai's APIs ask for: the signature is computed again. Source: techdocs.akamai.com/developer/docs/authenticate-with-edgegrid
 * (timestamps within 30 s, nonces used once).
 */
import { type EdgeGridCredentials, edgeGridAuthorization } from '#edgekv/akamai/edgegrid';

export interface EdgeGridGate {
  /** The refusal; undefined for who is let in. */
  refuse(request: Request, body: Uint8Array<ArrayBuffer>): Promise<Response | undefined>;
}

const WINDOW_MS = 30_000;
const AUTHORIZATION =
  /^EG1-HMAC-SHA256 client_token=([^;]+);access_token=([^;]+);timestamp=(\d{8})T(\d\d:\d\d:\d\d)\+0000;nonce=([^;]+);signature=([^;]+)$/;

export function createEdgeGridGate(credentials: EdgeGridCredentials, clock: () => number): EdgeGridGate {
  const nonces = new Map<string, number>();

  return {
    async refuse(request, body) {
      const authorization = request.headers.get('Authorization') ?? '';
      const [, clientToken, accessToken, date = '', time, nonce = ''] = AUTHORIZATION.exec(authorization) ?? [];
      if (clientToken !== credentials.clientToken) return deny(request, 401, 'Inactive client token');
      if (accessToken !== credentials.accessToken) return deny(request, 401, 'Invalid authorization access token');
      const at = Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time}Z`);
      const now = clock();
      // A timestamp has seconds only.
      if (!(Math.abs(now - at) <= WINDOW_MS + 1_000)) return deny(request, 400, 'Invalid timestamp');
      for (const [used, when] of nonces) if (when < now - 2 * WINDOW_MS) nonces.delete(used);
      if (nonces.has(nonce)) return deny(request, 400, 'Duplicate nonce');
      const { pathname, search } = new URL(request.url);
      const expected = await edgeGridAuthorization(
        // Whichever way it came: it was signed for the API's host.
        { method: request.method, url: new URL(`${pathname}${search}`, `https://${credentials.host}`), body },
        credentials,
        { timestamp: `${date}T${time}+0000`, nonce, subtle: crypto.subtle },
      );
      if (authorization !== expected) return deny(request, 401, 'The signature does not match');
      nonces.set(nonce, now);
      return undefined;
    },
  };
}

/** In the form of Akamai's gateway, which stands before EdgeKV. */
function deny(request: Request, status: 400 | 401, detail: string): Response {
  const [kind, title] = status === 401 ? ['deny', 'Not authorized'] : ['request-error', 'Bad request'];
  const problem = {
    type: `https://problems.luna.akamaiapis.net/-/pep-authn/${kind}`,
    title,
    status,
    detail,
    instance: request.url,
    method: request.method,
  };
  return Response.json(problem, { status, headers: { 'Content-Type': 'application/problem+json' } });
}
