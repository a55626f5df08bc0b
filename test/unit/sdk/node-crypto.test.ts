import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { parseHeader, splitHeader } from '#ruleset/header';
import { verifyRuleset } from '#ruleset/verify';
import { createNodeCrypto } from '#sdk/node/node-crypto';
import { createClientCrypto } from '#sdk/stream/client-crypto';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { flag } from './fixtures/upstream-client.ts';

let signer: Signer;
let text: string;
beforeAll(async () => {
  signer = await createSigner();
  text = await signer.sign(rawLines([flag('a', 1)]));
});

const both = () => [createNodeCrypto([signer.publicKey]), createClientCrypto([signer.publicKey])] as const;

it('B10: gives the verdicts of WebCrypto: on what is right, and on every single character that is changed', async () => {
  const [node, web] = both();
  expect(await verifyRuleset(text, ENVIRONMENT, node)).toMatchObject({ ok: true });
  const { header } = splitHeader(text);
  for (let at = 0; at < header.length; at += 3) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    const verdicts = await Promise.all([node, web].map((one) => verifyRuleset(changed, ENVIRONMENT, one)));
    const [a, b] = verdicts.map((verdict) => (verdict.ok ? 'ok' : verdict.error.code));
    expect([at, a]).toEqual([at, b]);
  }
});

it.each(['', '=', '%', 'A', 'AAAA', 'é', 'x'.repeat(86), 'A'.repeat(88)])(
  'says no to the signature %j',
  async (odd) => {
    const { signed } = parseHeader(splitHeader(text).header, signer.crypto);
    for (const one of both()) expect(await one.verifyEs256('key-1', odd, signed)).toBe(false);
  },
);

it('says no to a key that it does not know, and to one that is no point of the curve', async () => {
  const { signed, signature } = parseHeader(splitHeader(text).header, signer.crypto);
  const [node] = both();
  expect(await node.verifyEs256('key-1', signature, signed)).toBe(true);
  expect(await node.verifyEs256('key-2', signature, signed)).toBe(false);
  const odd = createNodeCrypto([{ ...signer.publicKey, y: signer.publicKey.x }]);
  expect(await odd.verifyEs256('key-1', signature, signed)).toBe(false);
});

it('gives the digest of a text in pieces as that of the text', async () => {
  const pieces = ['', 'a', 'b'.repeat(70_000), '\n', 'c'];
  const [node, web] = both();
  expect(await node.sha256Of?.(pieces)).toBe(await node.sha256(pieces.join('')));
  expect(await node.sha256Of?.(pieces)).toBe(await web.sha256(pieces.join('')));
});

it('gives the digest of each text, whatever the text before it had in common with it', async () => {
  const node = createNodeCrypto([signer.publicKey]);
  const line = (at: number): string => `${String(at).padStart(7, '.')}\n`;
  const base = Array.from({ length: 25_000 }, (_, at) => line(at)).join('');
  const changed = (...places: readonly number[]): string[] =>
    places.flatMap((from, at) => [base.slice(at === 0 ? 0 : (places[at - 1] as number) + 8, from), 'changed\n']);
  const texts: readonly (readonly string[])[] = [
    [base],
    [...changed(160_000), base.slice(160_008)],
    [...changed(80_000, 160_000), base.slice(160_008)],
    [...changed(80_000, 160_000), `${base.slice(160_008)}more`],
    [base.slice(0, 65_536), base.slice(65_536, 131_072)],
    [base.slice(0, 131_072)],
    [base.slice(0, 131_071), 'x'],
    [base.slice(0, 100)],
    [],
    [base.slice(0, 65_535), '', `${base.slice(65_535)}`],
    [`x${base.slice(1)}`],
    [base],
  ];
  const digests = texts.map((pieces) => createHash('sha256').update(pieces.join('')).digest('base64url'));
  for (const [at, pieces] of texts.entries()) expect([at, await node.sha256Of?.(pieces)]).toEqual([at, digests[at]]);
  for (const [at, pieces] of [...texts.entries()].reverse()) {
    expect([at, await node.sha256(pieces.join(''))]).toEqual([at, digests[at]]);
  }
});
