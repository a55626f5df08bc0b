import { CompactSign, compactVerify, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RulesetRefusal, verifyRuleset } from '#ruleset/verify';
import { digestOfText } from '#ruleset/write/digest';
import { cacheOf, verdictOf } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, NOW, type Signer, webCrypto } from '../fixtures/signing.ts';

const LINES = rawLines([{ k: 'a.flag', r: 1, f: 1 }]);
const OTHER_LINES = rawLines([{ k: 'a.flag', r: 1, f: 0 }]);

const CLAIMS = {
  format: 1,
  hash: 1,
  env: ENVIRONMENT,
  version: 1,
  iat: NOW,
  exp: NOW + 60,
  sha256: digestOfText(LINES),
};

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let signer: Signer;
let good: string;
beforeAll(async () => {
  signer = await createSigner();
  good = await signer.sign(LINES);
});

/** A header line with any protected header and payload, signed by the trusted key as it stands. */
async function header(head: unknown, payload: unknown): Promise<string> {
  const signed = `${base64url(head)}.${base64url(payload)}`;
  const key = signer.key.privateKey as CryptoKey;
  const bytes = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new TextEncoder().encode(signed));
  return `${signed}.${Buffer.from(bytes).toString('base64url')}`;
}

const HEAD = { alg: 'ES256', kid: 'key-1' };
const codeOf = async (ruleset: string, by = signer.crypto): Promise<string> => {
  const result = await verifyRuleset(ruleset, ENVIRONMENT, by);
  return result.ok ? 'taken' : (result.error satisfies RulesetRefusal).code;
};
const parts = (): [string, string, string] => good.slice(0, good.indexOf('\n')).split('.') as [string, string, string];

describe('given a signed ruleset', () => {
  it('takes what the trusted key signed', async () => {
    expect(await codeOf(good)).toBe('taken');
    expect(await codeOf(`${await header(HEAD, CLAIMS)}\n${LINES}`)).toBe('taken');
    expect(await codeOf(`${await header({ ...HEAD, typ: 'x' }, { ...CLAIMS, later: [1] })}\n${LINES}`)).toBe('taken');
  });

  it('B10: refuses another signature, one bit off, cut or lengthened', async () => {
    const [head, payload, signature] = parts();
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    expect(await codeOf(`${head}.${payload}.${flipped}\n${LINES}`)).toBe('bad-signature');
    for (const bad of ['', signature.slice(0, -1), `${signature}A`, `${signature}=`, signature.replace(/.$/, '*')]) {
      expect(await codeOf(`${head}.${payload}.${bad}\n${LINES}`), bad).toBe('bad-signature');
    }
    expect(await codeOf(`${head}.${payload}.${Buffer.alloc(64).toString('base64url')}\n${LINES}`)).toBe(
      'bad-signature',
    );
  });

  it('B10: refuses a header without a signature, with more parts, swapped or empty', async () => {
    const [head, payload, signature] = parts();
    expect(await codeOf(`${head}.${payload}\n${LINES}`)).toBe('bad-signature');
    const headers = [
      `${good.split('\n')[0]}.`,
      `${head}.${payload}.${signature}.${signature}`,
      '',
      '.',
      '..',
      head,
      `.${payload}.${signature}`,
      `${head}..${signature}`,
    ];
    for (const one of headers) expect(await codeOf(`${one}\n${LINES}`), one).toBe('malformed');
    expect(await codeOf(`${payload}.${head}.${signature}\n${LINES}`)).toBe('malformed');
    for (const text of ['', '\n', LINES, good.replace('\n', ''), 'x'.repeat(10_000), `${'x'.repeat(4_097)}\n`]) {
      expect(await codeOf(text)).toBe('malformed');
    }
  });

  it('B10: refuses white space around the header and other line ends', async () => {
    for (const bad of [` ${good}`, `\ufeff${good}`]) expect(await codeOf(bad)).toBe('malformed');
    for (const end of [' \n', '\r\n']) expect(await codeOf(good.replace('\n', end))).toBe('bad-signature');
  });

  for (const alg of ['none', 'HS256', 'ES384', 'RS256', 'es256', 'EdDSA', '', null, undefined, 1, ['ES256'], {}]) {
    it(`B10: refuses the algorithm ${JSON.stringify(alg)}, whatever the signature`, async () => {
      expect(await codeOf(`${await header({ ...HEAD, alg }, CLAIMS)}\n${LINES}`)).toBe('malformed');
    });
  }

  it('B10: refuses what another algorithm signed under the trusted kid', async () => {
    const es384 = await generateKeyPair('ES384');
    const payload = new TextEncoder().encode(JSON.stringify(CLAIMS));
    const jws = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'ES384', kid: 'key-1' })
      .sign(es384.privateKey);
    expect(await codeOf(`${jws}\n${LINES}`)).toBe('malformed');
    const { x = '' } = await exportJWK(es384.publicKey);
    const hmac = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(new TextEncoder().encode(x.padEnd(32)));
    expect(await codeOf(`${hmac}\n${LINES}`)).toBe('malformed');
  });

  it('B10: refuses critical extensions, of which it knows none', async () => {
    for (const crit of [['exp'], [], null, 'b64']) {
      expect(await codeOf(`${await header({ ...HEAD, crit }, CLAIMS)}\n${LINES}`)).toBe('malformed');
    }
  });

  it('B10: refuses a kid that is unknown, empty, too long or no text', async () => {
    expect(await codeOf(`${await header({ ...HEAD, kid: 'key-2' }, CLAIMS)}\n${LINES}`)).toBe('bad-signature');
    expect(await codeOf(`${await header({ ...HEAD, kid: '../key-1' }, CLAIMS)}\n${LINES}`)).toBe('bad-signature');
    expect(await codeOf(`${await header({ ...HEAD, kid: '__proto__' }, CLAIMS)}\n${LINES}`)).toBe('bad-signature');
    for (const kid of [undefined, '', 'k'.repeat(65), 1, null, ['key-1']]) {
      expect(await codeOf(`${await header({ ...HEAD, kid }, CLAIMS)}\n${LINES}`)).toBe('malformed');
    }
  });

  it('signs what any implementation of JWS verifies', async () => {
    const [jws = ''] = (await signer.sign(LINES)).split('\n');
    const { payload, protectedHeader } = await compactVerify(jws, signer.publicKey, { algorithms: ['ES256'] });
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: signer.publicKey.kid });
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({ format: 1, sha256: expect.any(String) });
  });

  it('B10: never takes a key from the header', async () => {
    const other = await createSigner('key-1');
    const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(CLAIMS)))
      .setProtectedHeader({
        ...HEAD,
        jwk: other.publicKey as never,
        jku: 'https://keys.example/',
        x5u: 'https://keys.example/',
      })
      .sign(other.key.privateKey);
    expect(await codeOf(`${jws}\n${LINES}`)).toBe('bad-signature');
  });

  it('B10: refuses what a withdrawn key signed, and takes what its successor signed', async () => {
    const next = await createSigner('key-2');
    const both = webCrypto([signer.publicKey, next.publicKey]);
    expect([await codeOf(good, both), await codeOf(await next.sign(LINES), both)]).toEqual(['taken', 'taken']);
    const successorOnly = webCrypto([next.publicKey]);
    expect(await codeOf(good, successorOnly)).toBe('bad-signature');
    expect(await codeOf(await next.sign(LINES), successorOnly)).toBe('taken');
    expect(await codeOf(good, webCrypto([]))).toBe('bad-signature');
  });

  it('B10: a key that is withdrawn while the reader runs counts no more', async () => {
    const keys = [signer.publicKey];
    const crypto = webCrypto(keys);
    expect(await codeOf(good, crypto)).toBe('taken');
    keys.pop();
    expect(await codeOf(good, crypto)).toBe('bad-signature');
  });

  it('B10: refuses a ruleset for another environment', async () => {
    expect(await codeOf(await signer.sign(LINES, { env: 'staging' }))).toBe('wrong-environment');
    expect(await codeOf(await signer.sign(LINES, { env: 'Production' }))).toBe('wrong-environment');
  });

  it('B10: refuses a valid signature over other lines', async () => {
    const [line] = good.split('\n');
    for (const lines of [OTHER_LINES, '', `${LINES} `, LINES.slice(0, -1), `${LINES}\n`, LINES.replace('1', '1 ')]) {
      expect(await codeOf(`${line}\n${lines}`)).toBe('wrong-digest');
    }
  });

  it('B10: refuses bytes outside printable ASCII in lines, though they be signed', async () => {
    for (const odd of ['é', '\t', '\r', '\u0000', '\u007f', '\u2028', '\ud83d']) {
      const lines = LINES.replace('a.flag', `a.${odd}lag`);
      const claims = { ...CLAIMS, sha256: digestOfText(lines) };
      expect(await codeOf(`${await header(HEAD, claims)}\n${lines}`), JSON.stringify(odd)).toBe('wrong-digest');
    }
  });

  it('B10: refuses characters outside base64url in the header', async () => {
    for (const odd of ['é', '+', '/', ' ', '=', '\u0000']) {
      expect(await codeOf(`${odd}${good}`), odd).toBe('malformed');
    }
  });
});

it('B10: a hostile header is refused without an error, before any signature is looked at', async () => {
  const hostile = { toString: 1, valueOf: 1 };
  // As deep as a header line is long.
  const nested: unknown = JSON.parse(`${'['.repeat(1_200)}${']'.repeat(1_200)}`);
  const heads = [
    [hostile, CLAIMS],
    [{ ...HEAD, alg: hostile }, CLAIMS],
    [{ ...HEAD, kid: hostile }, CLAIMS],
    [{ ...HEAD, crit: hostile }, CLAIMS],
    [HEAD, hostile],
    [HEAD, { ...CLAIMS, version: hostile }],
    [HEAD, { ...CLAIMS, emptied: hostile }],
    [{ ...HEAD, alg: nested }, CLAIMS],
    [HEAD, { ...CLAIMS, version: nested }],
  ];
  for (const [head, payload] of heads) {
    const cache = cacheOf(signer);
    const answer = await cache.offer(
      `${base64url(head)}.${base64url(payload)}.${Buffer.alloc(64).toString('base64url')}\n`,
    );
    expect(verdictOf(answer), JSON.stringify([head, payload])).toBe('malformed');
  }
});

it('B10: a refusal is counted, told, and leaves what is in force', async () => {
  const cache = cacheOf(signer);
  expect(verdictOf(await cache.offer(good))).toBe('newer');
  const before = cache.current();
  const other = await createSigner('key-1');
  expect(verdictOf(await cache.offer(await other.sign(OTHER_LINES, { version: 2 })))).toBe('bad-signature');
  expect(cache.current()).toBe(before);
  expect(cache.status()).toMatchObject({
    version: 1,
    refusals: 1,
    lastRefusal: { code: 'bad-signature', at: NOW * 1_000 },
  });
  expect(cache.status().lastRefusal?.message).toContain('key-1');
});
