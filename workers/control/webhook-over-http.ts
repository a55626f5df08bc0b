/** Receivers over HTTP. Of what they answer, the status is all that is looked at. */
import { withDeadline } from '#http/with-deadline';
import { type Letter, PATIENCE_MS, type SendOutcome, type WebhookPort } from './webhook-port.ts';
import type { WebhookSigner } from './webhook-signature.ts';

export interface WebhookOptions {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly signer: WebhookSigner;
  /** Says what is wrong with an address, or nothing. */
  readonly addressFault: (url: string) => string | undefined;
  readonly now: () => number;
}

const GONE = 410;

export function createWebhooksOverHttp({ fetch, signer, addressFault, now }: WebhookOptions): WebhookPort {
  async function requestOf({ url, id, body }: Letter): Promise<Request> {
    const seconds = Math.floor(now() / 1_000);
    const headers = {
      ...{ 'content-type': 'application/json', 'user-agent': 'Lockstep-Webhooks' },
      ...{ 'webhook-id': id, 'webhook-timestamp': String(seconds) },
      'webhook-signature': await signer.sign({ id, seconds, body }),
    };
    // Where somebody is sent on to was never looked at.
    return new Request(url, { method: 'POST', headers, body, redirect: 'manual' });
  }

  async function answerTo(letter: Letter): Promise<SendOutcome> {
    const request = await requestOf(letter);
    const response = await withDeadline(PATIENCE_MS, (signal) => fetch(new Request(request, { signal })));
    if (response === undefined) return { kind: 'failed', error: `no answer within ${PATIENCE_MS / 1_000} s` };
    // Never read: however long it is, and whatever it is packed in.
    await response.body?.cancel().catch(() => undefined);
    const { ok, status: code } = response;
    if (ok) return { kind: 'delivered', code };
    return code === GONE ? { kind: 'gone', code } : { kind: 'failed', code, error: `the receiver answered ${code}` };
  }

  return {
    async send(letter) {
      const fault = addressFault(letter.url);
      if (fault !== undefined) return { kind: 'failed', error: `the address ${fault}` };
      if (signer.publicKeys.length === 0)
        return { kind: 'failed', error: 'there is no key to sign with (WEBHOOK_KEYS)' };
      try {
        return await answerTo(letter);
      } catch {
        // Why is not said: it would tell what there is in the network and what is not.
        return { kind: 'failed', error: 'no connection' };
      }
    },
  };
}
