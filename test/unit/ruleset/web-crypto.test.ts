import { expect, it } from 'vitest';
import { verifyRuleset } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { createSigner, NOW } from '../fixtures/signing.ts';

const signer = await createSigner();
const text = await signer.sign('', { iat: NOW });

/** Whether the same text is verified, time after time, by one whose first import of a key fails so; and how often it imported. */
async function verdicts(failure: Error): Promise<{ readonly sound: readonly boolean[]; readonly imports: number }> {
  let imports = 0;
  const own = crypto.subtle as unknown as Subtle;
  const subtle: Subtle = {
    digest: (...args) => own.digest(...args),
    verify: (...args) => own.verify(...args),
    async importKey(...args) {
      if (imports++ === 0) throw failure;
      return own.importKey(...args);
    },
  };
  const webCrypto = createWebCrypto(subtle, [signer.publicKey]);
  const sound: boolean[] = [];
  for (let at = 0; at < 3; at++) sound.push((await verifyRuleset(text, 'production', webCrypto)).ok);
  return { sound, imports };
}

it('a key that could not be imported just then is imported the next time, and once', async () => {
  expect(await verdicts(new Error('busy'))).toEqual({ sound: [false, true, true], imports: 2 });
});

it('a key that is no point of the curve never verifies, and is tried once', async () => {
  const failure = new DOMException('no point', 'DataError');
  expect(await verdicts(failure)).toEqual({ sound: [false, false, false], imports: 1 });
});

it('is what this runtime says of such a key', async () => {
  const jwk = { ...signer.publicKey, x: 'A'.repeat(43) };
  const imported = crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  await expect(imported).rejects.toMatchObject({ name: 'DataError' });
});
