import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvHead, csvRow } from '#control/audit/audit-csv';
import { recordedEntry, sealEntry } from '#control/audit/entry';
import { EMPTY_ROOT } from '#control/audit/merkle-hash';
import { printable } from '#control/audit/printable';
import { holdsSecret, REDACTED, redact, redactText } from '#control/audit/redact';
import { type AuditEntry, type AuditLeaf, auditLeaf } from '#schema/audit';
import { MAX_AUDIT_VALUE, MAX_JUSTIFICATION } from '#schema/audit-limits';
import { entryOf, timeOf } from './fixtures/audit-log.ts';

const PLACE = { seq: 0, previous: EMPTY_ROOT, time: timeOf(0) };

function sealed(more: Partial<AuditEntry>): { readonly leaf: AuditLeaf; readonly text: string } {
  const result = sealEntry(entryOf(0, more), PLACE);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return { leaf: auditLeaf.parse(JSON.parse(result.value.text)), text: result.value.text };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

describe('a sealed entry', () => {
  it('is canonical JSON, and its hash that of a leaf', () => {
    const result = sealEntry(entryOf(0), PLACE);
    expect(result).toMatchObject({ ok: true, value: { seq: 0 } });
    if (!result.ok) return;
    expect(result.value.hash).toBe(digest(`\0${result.value.text}`));
    expect(result.value.text).toMatch(/^\{"entry":\{"action":"flag\.put","actor":\{"id":/);
    expect(result.value.text).toMatch(/\},"previous":"47DEQpj8[\w-]{35}","seq":0,"time":"2026-11-23T[\d:.]{12}Z"\}$/);
  });

  it('keeps events whole, for state is folded from them', () => {
    const events = [{ kind: 'flag-put', body: { token: 'ls_0123456789abcdef0123', text: 'x'.repeat(50_000) } }];
    expect(sealed({ events }).leaf.entry.events).toEqual(events);
  });

  it('is refused where canonical JSON cannot hold it', () => {
    expect(sealEntry(entryOf(0, { old: { weight: Number.NaN } }), PLACE)).toMatchObject({
      ok: false,
      error: { kind: 'no-json', path: '/old/weight' },
    });
    expect(() => sealEntry(entryOf(0), { ...PLACE, time: '2026-11-23T00:00:00Z' })).toThrow(TypeError);
  });

  it('is refused above the size of a leaf', () => {
    const events = [{ text: 'é'.repeat(13 * 1024 * 1024) }];
    expect(sealEntry(entryOf(0, { events }), PLACE)).toMatchObject({ ok: false, error: { kind: 'too-large' } });
  });
});

describe('B55: log injection', () => {
  const hostile = 'ok\n{"hash":"x"}\r\u001b[2J\u001b]0;x\u0007\u2028\u0085\u202e\u0000';

  it('never ends a line: controls are escaped', () => {
    const { text, leaf } = sealed({ justification: hostile, ticket: hostile, old: hostile });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is looked at
    expect(text).not.toMatch(/[\u0000-\u001f]/);
    expect(leaf.entry.justification).toBe(hostile);
  });

  it('shows on a terminal as what it is', () => {
    expect(printable(hostile)).toBe(
      'ok\\u{A}{"hash":"x"}\\u{D}\\u{1B}[2J\\u{1B}]0;x\\u{7}\\u{2028}\\u{85}\\u{202E}\\u{0}',
    );
    expect(printable('naïve 価格 🙂 \\u{1B}')).toBe('naïve 価格 🙂 \\\\u{1B}');
    expect(printable('\u200b\u2066\ufeff\u{e0041}\ud800\u007f')).toBe(
      '\\u{200B}\\u{2066}\\u{FEFF}\\u{E0041}\\u{D800}\\u{7F}',
    );
  });

  it('cuts a justification of 1 MB, and keeps its length and digest', () => {
    const justification = 'j'.repeat(1_048_576);
    const { leaf } = sealed({ justification });
    expect(leaf.entry.justification).toBe(
      `${'j'.repeat(MAX_JUSTIFICATION)} [cut: 1048576 characters, SHA-256 ${digest(justification)}]`,
    );
  });

  it('cuts old and new values, and keeps their length, digest and head', () => {
    const old = { members: Array.from({ length: 5_000 }, (_, at) => `user-${at}`) };
    const whole = JSON.stringify(old);
    expect(sealed({ old }).leaf.entry.old).toEqual({
      $cut: { length: whole.length, sha256: digest(whole), head: whole.slice(0, 1_024) },
    });
    const fits = 'x'.repeat(MAX_AUDIT_VALUE - 2);
    expect(sealed({ old: fits }).leaf.entry.old).toBe(fits);
    expect(sealed({ old: `${fits}x` }).leaf.entry.old).toHaveProperty('$cut');
  });

  it('cuts names and tickets, and never through a character', () => {
    const { leaf } = sealed({
      ticket: `a${'🙂'.repeat(10_000)}`,
      actor: { ...entryOf(0).actor, via: 'v'.repeat(9_999) },
    });
    expect(leaf.entry.ticket).toMatch(/^a(?:🙂){127} \[cut: 20001 characters/u);
    expect(leaf.entry.actor.via).toMatch(/^v{256} \[cut: 9999/);
  });
});

describe('B55: secrets', () => {
  const jwt = `eyJ${'hbGciOiJFUzI1NiJ9'}.eyJzdWIiOiJ1LTcifQ.c2lnbmF0dXJl`;
  const pem = `-----BEGIN ${'PRIVATE KEY'}-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----`;

  it.each([
    ['an SDK key', 'the key ls_server_0123456789abcdef is', 'the key [redacted] is'],
    ['a JWT', `as ${jwt}, yes`, 'as [redacted], yes'],
    ['a private key', `x ${pem} y`, 'x [redacted] y'],
    ['a private key cut short', pem.slice(0, 40), REDACTED],
    ['a webhook secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', REDACTED],
    ['a header', 'Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer [redacted]'],
    ['a password in a URL', 'https://ci:hunter2@example.com/x', 'https://ci:[redacted]@example.com/x'],
    ['a cloud key', `AK${'IA'}IOSFODNN7EXAMPLE`, REDACTED],
    ['the key of a note', 'PRIVATE+KEY+log+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr', REDACTED],
  ])('%s is taken out of a text', (_, text, left) => {
    expect(redactText(text)).toBe(left);
    expect(sealed({ justification: text }).leaf.entry.justification).toBe(left);
    expect(sealed({ old: [{ note: text }], new: text }).leaf.entry).toMatchObject({ old: [{ note: left }], new: left });
    expect(holdsSecret(text)).toBe(true);
  });

  it.each([
    'ls_short',
    'eyJ is how it begins',
    'https://example.com:8443/a@b',
    'pricing.fareBundlingV2',
    'the bearer of bad news',
    '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  ])('%s is none', (text) => {
    expect(redactText(text)).toBe(text);
    expect(holdsSecret({ text })).toBe(false);
  });

  it('is whatever stands under a name that says so, in any spelling', () => {
    const secret = { deep: ['value'] };
    for (const name of [
      'secret',
      'clientSecret',
      'client_secret',
      'WEBHOOK-SECRET',
      'password',
      'token',
      'accessToken',
      'privateKey',
      'private_key',
      'APIKey',
      'api-key',
      'Authorization',
      'hmac.key',
    ]) {
      expect(redact({ [name]: secret, other: 1 }), name).toEqual({ [name]: REDACTED, other: 1 });
    }
  });

  it('is not what only has such a word in its name, nor that there is none', () => {
    const value = { 'auth.newTokenFlow': { on: true }, tokenLimit: 5, secretary: 'x', token: null, password: true };
    expect(redact(value)).toEqual(value);
  });

  it('are the private members of a JSON Web Key', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'abc', d: 'nWGxne' };
    expect(redact({ key: jwk, d: 4 })).toEqual({ key: { ...jwk, d: REDACTED }, d: 4 });
  });

  it('are taken out before anything is cut, so that no half of one is left, and no digest of one is kept', () => {
    const old = { text: `${'x'.repeat(MAX_AUDIT_VALUE)}`, password: 'hunter2' };
    const { leaf } = sealed({ old });
    expect(leaf.entry.old).toMatchObject({
      $cut: { sha256: digest(JSON.stringify({ password: REDACTED, text: old.text })) },
    });
    const at = MAX_JUSTIFICATION - 10;
    expect(sealed({ justification: `${'y'.repeat(at)} ${jwt}` }).leaf.entry.justification).not.toContain('eyJ');
  });

  it.each(['eyJ', 'eyJaaaaaaaa. ', 'ls_ ', 'bearer ', 'bearer aaaa ', '://', '://a:', '-----BEGIN ', '-----END A'])(
    'are looked for in 1 MB of %j in one go',
    (part) => {
      const text = part.repeat(1_048_576 / part.length);
      // Compared here: a megabyte in a message helps nobody.
      expect(redactText(text) === text).toBe(true);
    },
  );

  it('leaves no key of ours in an entry, wherever it was put', () => {
    const key = fc
      .string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 20, maxLength: 40 })
      .map((one) => `ls_${one}`);
    fc.assert(
      fc.property(key, fc.jsonValue(), fc.string({ unit: 'grapheme' }), (one, value, text) => {
        const said = `${text} ${one}`;
        const entry = recordedEntry(
          entryOf(0, { old: { value, said } as AuditEntry['old'], new: said, justification: said, ticket: said }),
        );
        expect(JSON.stringify(entry)).not.toContain(one);
      }),
    );
  });
});

describe('B48: the log for spreadsheets', () => {
  const rowOf = (more: Partial<AuditEntry>): string => csvRow({ entry: entryOf(0, more), ...PLACE });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '  =1', '|calc', '%0A', '＝1'])('holds %s as text', (justification) => {
    expect(rowOf({ justification })).toContain(`,"'${justification}",`);
  });

  it('has one line for each entry, and quotes what ends a cell', () => {
    const row = rowOf({ justification: 'a\r\n=b\t"c",d\u2028' });
    expect(row).toContain('"a\\u{D}\\u{A}=b\\u{9}""c"",d\\u{2028}"');
    expect(row.endsWith('"\r\n')).toBe(true);
    expect(row.slice(0, -2)).not.toMatch(/[\r\n]/);
    expect(row.match(/"(?:[^"]|"")*"/g)).toHaveLength(csvHead().split(',').length);
  });
});
