/** Signs what webhooks are sent, by the asymmetric variant of Standard Webhooks (`v1a`): receivers hold a public key, and no secret. */
import { encodeBase64 } from '#control/audit/base64';
import { type Ed25519Jwk, type Ed25519Subtle, ed25519Signer } from '#control/audit/ed25519';

export interface WebhookSigner {
  /** For the header `webhook-signature`: one by each key, of which a receiver needs to know one. */
  sign(message: { readonly id: string; readonly seconds: number; readonly body: string }): Promise<string>;
  /** As receivers hold them: `whpk_<base64>`. */
  readonly publicKeys: readonly string[];
}

export function createWebhookSigner(subtle: Ed25519Subtle, jwks: readonly Ed25519Jwk[]): WebhookSigner {
  const signers = jwks.map((jwk) => ed25519Signer(subtle, 'webhooks', jwk));
  return {
    async sign({ id, seconds, body }) {
      const text = new Uint8Array(new TextEncoder().encode(`${id}.${seconds}.${body}`));
      const signatures = await Promise.all(signers.map((one) => one.sign(text)));
      return signatures.map((one) => `v1a,${encodeBase64(one)}`).join(' ');
    },
    publicKeys: signers.map(({ key }) => `whpk_${encodeBase64(key.publicKey)}`),
  };
}
