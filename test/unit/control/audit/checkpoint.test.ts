import { createPrivateKey, webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkpointText, openCheckpoint, parseCheckpoint, signCheckpoint } from '#control/audit/checkpoint';
import { type Ed25519Jwk, ed25519Signer, ed25519Verifier } from '#control/audit/ed25519';
import { EMPTY_ROOT } from '#control/audit/merkle-hash';
import { formatNoteKey, noteKey, parseNoteKey } from '#control/audit/note-key';
import { openNote, signNote } from '#control/audit/signed-note';
import { newKeys, ORIGIN } from './fixtures/audit-log.ts';

/** The key and the note of the reference implementation's own tests. */
const KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SEED = 'gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const ENOCH_KEY = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';

const verifierOf = (text: string) => {
  const key = parseNoteKey(text);
  if (!key.ok) throw new Error(key.error);
  return ed25519Verifier(webcrypto.subtle, key.value);
};
const peter = verifierOf(KEY);
const enoch = verifierOf(ENOCH_KEY);

describe('a key as text', () => {
  it('is that of the reference implementation', () => {
    const parsed = parseNoteKey(KEY);
    expect(parsed).toMatchObject({ ok: true, value: { name: 'PeterNeumann', id: 'c74f20a3' } });
    expect(parsed.ok && formatNoteKey(parsed.value)).toBe(KEY);
    expect(parsed.ok && noteKey('PeterNeumann', parsed.value.publicKey).id).toBe('c74f20a3');
  });

  it('is refused where any part of it is left out or another', () => {
    for (let from = 0; from <= KEY.length; from++) {
      for (let to = from; to <= KEY.length; to++) {
        if (to - from < KEY.length) expect(parseNoteKey(KEY.slice(from, to)).ok).toBe(false);
      }
      const other = `${KEY.slice(0, from)}${String.fromCharCode(KEY.charCodeAt(from) + 1)}${KEY.slice(from + 1)}`;
      if (from < KEY.length) expect(parseNoteKey(other).ok, other).toBe(false);
    }
    // Too long, and of another algorithm, each with the id that belongs to it.
    expect(parseNoteKey('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==').ok).toBe(false);
    expect(parseNoteKey('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW').ok).toBe(false);
  });
});

describe('a signed note', () => {
  it('is byte for byte what the reference implementation signs', async () => {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(SEED, 'base64')]);
    const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
    const signer = ed25519Signer(webcrypto.subtle, 'PeterNeumann', jwk as unknown as Ed25519Jwk);
    expect(formatNoteKey(signer.key)).toBe(KEY);
    expect(await signNote(TEXT, [signer])).toBe(`${TEXT}\n${PETER}`);
  });

  it('is opened by any of its keys; signatures of others are ignored', async () => {
    const note = `${TEXT}\n${PETER}${ENOCH}`;
    for (const known of [[peter], [enoch], [peter, enoch]]) {
      const opened = await openNote(note, known);
      expect(opened).toEqual({ ok: true, value: { text: TEXT, signedBy: known.map(({ key }) => key) } });
    }
    expect(await openNote(note, [])).toMatchObject({ ok: false, error: { kind: 'untrusted' } });
    const many = `${TEXT}\n${ENOCH.repeat(99)}${PETER}`;
    expect((await openNote(many, [peter])).ok).toBe(true);
  });

  it('is refused as a whole where a signature of a known key is wrong', async () => {
    const wrong = PETER.replace('ZJku', 'ZJkv');
    expect(await openNote(`${TEXT}\n${wrong}${ENOCH}`, [peter, enoch])).toMatchObject({ error: { kind: 'forged' } });
    expect(await openNote(`${TEXT.replace('answer', 'Answer')}\n${PETER}`, [peter])).toMatchObject({
      error: { kind: 'forged' },
    });
    expect((await openNote(`${TEXT}\n${wrong}${ENOCH}`, [enoch])).ok).toBe(true);
  });

  it.each([
    ['no signature', TEXT],
    ['no line of one', `${TEXT}\n`],
    ['no end of line', `${TEXT}\n${PETER.slice(0, -1)}`],
    ['a control', `\u0001${TEXT}\n${PETER}`],
    ['half of a character', `\ud800${TEXT}\n${PETER}`],
    ['a name with a space', `${TEXT}\n${PETER.replace('PeterNeumann', 'Peter Neumann')}`],
    ['a name with a plus', `${TEXT}\n${PETER.replace('PeterNeumann', 'Peter+Neumann')}`],
    ['a name with another space', `${TEXT}\n${PETER.replace('PeterNeumann', 'Peter\u2003Neumann')}`],
    ['another line', `${TEXT}\n${PETER}Unexpected line.\n`],
    ['another dash', `${TEXT}\n${PETER.replace('—', '–')}`],
    ['base64 that is not canonical', `${TEXT}\n${PETER.replace('nAM=', 'nAN=')}`],
    ['no signature behind the key id', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['more than a hundred signatures', `${TEXT}\n${PETER.repeat(101)}`],
  ])('with %s is none', async (_, note) => {
    expect(await openNote(note, [peter])).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  });

  it('is not made of a text that is none', async () => {
    await expect(signNote('no end of line', [])).rejects.toThrow(TypeError);
    await expect(signNote('\u001b[2J\n', [])).rejects.toThrow(TypeError);
  });
});

describe('a checkpoint', () => {
  /** The example of the specification. */
  const example = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

  it('is that of the specification', () => {
    const checkpoint = parseCheckpoint(example);
    expect(checkpoint).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      root: 'CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I',
    });
    expect(checkpoint && checkpointText(checkpoint)).toBe(example);
    expect(parseCheckpoint(`${example}witness 1\nx\n`)?.extensions).toEqual(['witness 1', 'x']);
  });

  it.each([
    ['no origin', example.replace('example.com/behind-the-sofa', '')],
    ['a leading zero', example.replace('20852163', '020852163')],
    ['a sign', example.replace('20852163', '-1')],
    ['a size that no double holds', example.replace('20852163', '9007199254740993')],
    ['no size', example.replace('20852163', '')],
    ['a short root', example.replace('CsUYapGG', '')],
    ['a root without padding', example.replace('=', '')],
    ['a root in the other alphabet', example.replace('/Xajj', '_Xajj')],
    ['an empty extension', `${example}\n`],
    ['no end of line', example.slice(0, -1)],
    ['two lines only', 'a\n1\n'],
  ])('with %s is none', (_, text) => {
    expect(parseCheckpoint(text)).toBeUndefined();
  });

  it('goes round, with several signatures, and is of the log that its key is named for', async () => {
    const [first, second, stranger] = [await newKeys(), await newKeys(), await newKeys('other.example/log')];
    const checkpoint = { origin: ORIGIN, size: 0, root: EMPTY_ROOT };
    const note = await signCheckpoint(checkpoint, [first.signer, second.signer, stranger.signer]);
    for (const { verifier } of [first, second]) {
      expect(await openCheckpoint(note, [verifier])).toEqual({
        ok: true,
        value: { ...checkpoint, signedBy: [verifier.key] },
      });
    }
    expect(await openCheckpoint(note, [stranger.verifier])).toMatchObject({ ok: false, error: { kind: 'untrusted' } });
    const noCheckpoint = await signNote(`${ORIGIN}\nx\n`, [first.signer]);
    expect(await openCheckpoint(noCheckpoint, [first.verifier])).toMatchObject({ error: { kind: 'malformed' } });
  });
});
