/**
 * Calls EdgeKV's administration API, version 1: signed, paced, and given up after a while. Source: akamai-apis, edgekv/v1; the pace
 * is that of Akamai's own importer (akamai/cli-edgeworkers).
 */
import { boundedChunks } from '#http/bounded-chunks';
import { withDeadline } from '#http/with-deadline';
import { type EdgeGridCredentials, edgeGridAuthorization, edgeGridTimestamp } from './edgegrid.ts';
import { createPacer } from './pacer.ts';

/** An API client of Akamai's; the account switch key names another account that it works for. */
export interface EdgeKvAccount extends EdgeGridCredentials {
  readonly accountSwitchKey?: string;
}

export interface AdminPlatform {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Never the same twice. */
  readonly nonce: () => string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly subtle: SubtleCrypto;
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface AdminClient {
  /**
   * `path` follows `/edgekv/v1/`; a body is text. Rejects where no answer comes, and where `patience` comes to its end before the
   * call's turn; no message holds anything of the credentials.
   */
  call(method: 'GET' | 'PUT', path: string, body?: string, patience?: AbortSignal): Promise<AdminAnswer>;
}

/** EdgeKV throttles an account: 73 calls a second are the example of its description. */
export const CALL_INTERVAL_MS = 75;
/** From a call's turn to the end of its answer (milliseconds). */
export const CALL_DEADLINE_MS = 5_000;
/** Four bytes for each of the 262,144 characters that an item may have. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export function createAdminClient(account: EdgeKvAccount, platform: AdminPlatform): AdminClient {
  const { host, accountSwitchKey } = account;
  const takeTurn = createPacer(CALL_INTERVAL_MS, platform.sleep);

  const urlOf = (path: string): URL => {
    const url = new URL(`https://${host}/edgekv/v1/${path}`);
    if (accountSwitchKey !== undefined) url.searchParams.set('accountSwitchKey', accountSwitchKey);
    return url;
  };

  const sign = (method: string, url: URL): Promise<string> =>
    edgeGridAuthorization({ method, url }, account, {
      timestamp: edgeGridTimestamp(new Date(platform.now())),
      nonce: platform.nonce(),
      subtle: platform.subtle,
    });

  async function exchange(request: Request): Promise<AdminAnswer> {
    const { status, headers, body } = await platform.fetch(request);
    const bytes = body === null ? new Uint8Array() : await boundedChunks(body.getReader(), MAX_ANSWER_BYTES);
    if (bytes === undefined) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    const text = new TextDecoder().decode(bytes);
    return { status, headers, text: status === 200 ? text : withoutSecrets(text, account) };
  }

  return {
    async call(method, path, body, patience) {
      await takeTurn();
      if (patience?.aborted) throw new Error(`EdgeKV: ${method} was given up before its turn`);
      const url = urlOf(path);
      const authorization = await sign(method, url);
      const headers = { authorization, ...(body !== undefined && { 'content-type': 'text/plain' }) };
      // Followed elsewhere, a signature would be shown to somebody else.
      const options = { method, headers, redirect: 'manual' as const, ...(body !== undefined && { body }) };
      try {
        const answer = await withDeadline(CALL_DEADLINE_MS, (signal) =>
          exchange(new Request(url, { ...options, signal })),
        );
        if (answer !== undefined) return answer;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`EdgeKV: ${method} failed: ${withoutSecrets(reason, account)}`);
      }
      throw new Error(`EdgeKV: no answer to ${method} within ${CALL_DEADLINE_MS} ms`);
    },
  };
}

/** What answers and errors tell is shown to people: a gateway may well repeat whom it refuses, or the address that was asked for. */
function withoutSecrets(text: string, account: EdgeKvAccount): string {
  const { clientToken, clientSecret, accessToken, accountSwitchKey = '' } = account;
  return [clientToken, clientSecret, accessToken, accountSwitchKey, encodeURIComponent(accountSwitchKey)]
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
