/** What is signed, against the text of Standard Webhooks: `<id>.<timestamp>.<body>`, Ed25519, `v1a,<base64>`, keys as `whpk_<base64>`. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Ed25519Jwk } from '#control/audit/ed25519';
import { createWebhookSigner } from '../../../workers/control/webhook-signature.ts';
import { verifies } from './fixtures/verifies.ts';

const newJwk = (): Ed25519Jwk =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as unknown as Ed25519Jwk;
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', seconds: 1_614_265_330, body: '{"test": 2432232314}' };

describe('a signature of a webhook', () => {
  it('is verified with the public key, and of another id, time or body it is none', async () => {
    const signer = createWebhookSigner(crypto.subtle, [newJwk()]);
    const [key = ''] = signer.publicKeys;
    const header = await signer.sign(message);
    const { id, seconds, body } = message;
    expect(key).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(header).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(verifies(key, header, `${id}.${seconds}.${body}`)).toBe(true);
    for (const text of [`msg_x.${seconds}.${body}`, `${id}.${seconds + 1}.${body}`, `${id}.${seconds}.${body} `]) {
      expect(verifies(key, header, text)).toBe(false);
    }
  });

  it('is there by both keys during a rotation', async () => {
    const signer = createWebhookSigner(crypto.subtle, [newJwk(), newJwk()]);
    const header = await signer.sign(message);
    expect(header.split(' ')).toHaveLength(2);
    for (const key of signer.publicKeys) {
      expect(verifies(key, header, `${message.id}.${message.seconds}.${message.body}`)).toBe(true);
    }
    const [stranger = ''] = createWebhookSigner(crypto.subtle, [newJwk()]).publicKeys;
    expect(verifies(stranger, header, `${message.id}.${message.seconds}.${message.body}`)).toBe(false);
  });
});
