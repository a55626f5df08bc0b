import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

const PRELUDE = `
  import { Cookies, SetCookie } from 'cookies';
  import { TextEncoder, TextDecoder, atob, btoa, base64, base64url, base16 } from 'encoding';
  import { crypto, pem2ab } from 'crypto';
  import URLSearchParams from 'url-search-params';
  import { logger } from 'log';

  const tell = (request, value) => request.respondWith(200, {}, JSON.stringify(value));
  const attempt = (act) => { try { return act(); } catch (error) { return error.name; } };
  const later = async (act) => { try { return await act(); } catch (error) { return error.name; } };
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (data) => base16.encode(new Uint8Array(data));
`;

describe('cookies', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: PRELUDE,
      cases: {
        read: `(request) => {
          const cookies = new Cookies(request.getHeader('Cookie'));
          const before = [cookies.get('a'), cookies.getAll('a'), cookies.get('gone'), cookies.getAll('gone'), cookies.names()];
          cookies.delete('a');
          cookies.add('d', '4 5');
          tell(request, [before, cookies.toHeader(), cookies.toHeader({ encode: encodeURIComponent }),
            new Cookies('x=%41', { decode: decodeURIComponent }).get('x'), new Cookies(undefined).names(), new Cookies().toHeader()]);
        }`,
        write: `(request) => {
          const cookie = new SetCookie({ name: 'a', value: 'b c', maxAge: 900, path: '/', domain: 'example.com' });
          cookie.secure = true;
          cookie.httpOnly = true;
          cookie.sameSite = 'Strict';
          cookie.expires = new Date(Date.UTC(2026, 10, 23));
          const parsed = new SetCookie('Cookie1=Value1; Path=/; Max-Age=5; Secure; SameSite=None');
          tell(request, [cookie.toHeader(), new SetCookie({ name: 'a', value: 'é' }).toHeader({ encode: encodeURIComponent }),
            [parsed.name, parsed.value, parsed.path, parsed.maxAge, parsed.secure, parsed.sameSite, parsed.httpOnly]]);
        }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('are read, changed and written back', async () => {
    const headers = [['Cookie', 'a=1; b=2;a=3; c=x=y; bare']] as const;
    expect(await cases.answer('read', inputOf({ headers }))).toEqual([
      ['1', ['1', '3'], null, [], ['a', 'b', 'a', 'c']],
      'b=2; c=x=y; d=4 5',
      'b=2; c=x%3Dy; d=4%205',
      'A',
      [],
      '',
    ]);
  });

  it('are set with what there is to say of them', async () => {
    expect(await cases.answer('write')).toEqual([
      'a=b c; Max-Age=900; Domain=example.com; Path=/; Expires=Mon, 23 Nov 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict;',
      'a=%C3%A9;',
      ['Cookie1', 'Value1', '/', 5, true, 'None', null],
    ]);
  });
});

describe('encodings and queries', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: PRELUDE,
      cases: {
        text: `(request) => {
          const decoder = new TextDecoder();
          const parts = [decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), decoder.decode(new Uint8Array([0xac]), { stream: true }), decoder.decode()];
          tell(request, [
            [...bytes('aé€😀')], bytes('a') instanceof Uint8Array, bytes('a').buffer instanceof ArrayBuffer, parts,
            new TextDecoder('windows-1252').decode(new Uint8Array([0x80])), new TextDecoder().encoding, new TextEncoder().encoding,
            attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff]))), attempt(() => new TextDecoder('klingon')),
            new TextDecoder().decode(bytes('abc').buffer), new TextDecoder().decode(new DataView(bytes('abc').buffer, 1)),
          ]);
        }`,
        bases: `(request) => tell(request, [
          btoa('hi'), atob('aGk='), attempt(() => btoa('€')), attempt(() => atob('a')),
          base64.encode(bytes('hi?')), [...base64.decode('aGk/')], base64.decode('aGk/', 'String'), base64.decode('aGk/') instanceof Uint8Array,
          base64url.encode(new Uint8Array([251, 255])), [...base64url.decode('-_8')], attempt(() => base64url.decode('+/8')),
          base16.encode(new Uint8Array([0, 171])), [...base16.decode('00aB')], attempt(() => base16.decode('0')), attempt(() => base64.encode(bytes('a'), 1)),
        ])`,
        query: `(request) => {
          const params = new URLSearchParams(request.query);
          params.append('new', 'é +&');
          params.set('a', '9');
          params.delete('b');
          tell(request, [params.get('a'), params.getAll('c'), params.has('b'), params.get('b'), params.toString(),
            [...params.keys()], [...new URLSearchParams(params).values()], [...new URLSearchParams('?x=1').entries()]]);
        }`,
        log: `(request) => {
          logger.log('%s is %d, %i, %f and %o; 100%%', 'x', 3.9, '4', '1.5', { a: [1] });
          logger.warn('two', { b: 2 }, 3);
          logger.error({ c: 1 });
        }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('text becomes bytes, and bytes text, bit by bit where they come so', async () => {
    expect(await cases.answer('text')).toEqual([
      [97, 195, 169, 226, 130, 172, 240, 159, 152, 128],
      true,
      true,
      ['', '€', ''],
      '€',
      'utf-8',
      'utf-8',
      'TypeError',
      'RangeError',
      'abc',
      'bc',
    ]);
  });

  it('base64, base64url and base16 there and back', async () => {
    const wrong = 'InvalidCharacterError';
    expect(await cases.answer('bases')).toEqual([
      ...['aGk=', 'hi', wrong, wrong],
      ...['aGk/', [104, 105, 63], 'hi?', true],
      ...['-_8', [251, 255], wrong],
      ...['00ab', [0, 171], wrong, 'TypeError'],
    ]);
  });

  it('a query is taken apart and put together', async () => {
    expect(await cases.answer('query', inputOf({ query: 'a=1&b=2&c=%41+b&a=3&c=%zz&d' }))).toEqual([
      '9',
      ['A b', '%zz'],
      false,
      null,
      'a=9&c=A+b&c=%25zz&d=&new=%C3%A9+%2B%26',
      ['a', 'c', 'c', 'd', 'new'],
      ['9', 'A b', '%zz', '', 'é +&'],
      [['x', '1']],
    ]);
  });

  it('logs say level, file and line', async () => {
    const { report } = await cases.run('log');
    const [first = '', second, third] = report.log.split('|');
    expect(first).toMatch(/^D:main\.js:\d+ x is 3, 4, 1\.5 and \{"a":\[1\]\}; 100%$/);
    expect(second).toMatch(/^W::\d+ two \{"b":2\} 3$/);
    expect(third).toMatch(/^E::\d+ \{"c":1\}$/);
  });
});

describe('crypto', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ]);
    const jwk = await crypto.subtle.exportKey('jwk', publicKey);
    const data = new TextEncoder().encode('signed');
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, data);
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64');
    const given = { jwk: { ...jwk, ext: false }, signature: Buffer.from(signature).toString('base64'), spki };
    cases = await startCases({
      prelude: `${PRELUDE}
        const given = ${JSON.stringify(given)};
        const ES256 = { name: 'ECDSA', namedCurve: 'P-256' };
        const SIGNED = { name: 'ECDSA', hash: 'SHA-256' };
        const keyOf = (jwk, algorithm = ES256, extractable = false, usages = ['verify']) =>
          crypto.subtle.importKey('jwk', jwk, algorithm, extractable, usages);`,
      cases: {
        digest: `async (request) => {
          const digest = await crypto.subtle.digest('SHA-256', bytes('abc'));
          tell(request, [hex(digest), digest instanceof ArrayBuffer, hex(await crypto.subtle.digest({ name: 'SHA-1' }, bytes('abc').buffer))]);
        }`,
        verify: `async (request) => {
          const key = await keyOf(given.jwk);
          const signature = base64.decode(given.signature);
          const pem = '-----BEGIN PUBLIC KEY-----\\n' + given.spki + '\\n-----END PUBLIC KEY-----';
          const fromPem = await crypto.subtle.importKey('spki', pem2ab(pem), ES256, false, ['verify']);
          tell(request, [
            await crypto.subtle.verify(SIGNED, key, signature, bytes('signed')), await crypto.subtle.verify(SIGNED, key, signature.buffer, bytes('other')),
            await crypto.subtle.verify(SIGNED, fromPem, signature, bytes('signed')),
            key.type, key.extractable, key.algorithm, key.usages, Object.keys(key),
          ]);
        }`,
        hmac: `async (request) => {
          const key = await crypto.subtle.importKey('raw', bytes('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
          const signature = await crypto.subtle.sign('HMAC', key, bytes('The quick brown fox jumps over the lazy dog'));
          tell(request, [hex(signature), signature instanceof ArrayBuffer]);
        }`,
        aes: `async (request) => {
          const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']);
          const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
          const sealed = await crypto.subtle.encrypt(algorithm, key, bytes('secret'));
          tell(request, [new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, sealed)),
            await later(() => crypto.subtle.decrypt(algorithm, key, new Uint8Array(20)))]);
        }`,
        random: `(request) => {
          const array = new Uint32Array(8);
          tell(request, [crypto.getRandomValues(array) === array, new Set(array).size > 1, attempt(() => crypto.getRandomValues(new Uint8Array(65537)))]);
        }`,
        refused: `async (request) => tell(request, [
          await later(() => keyOf(given.jwk, ES256, true)), await later(() => keyOf({ ...given.jwk, ext: true })),
          await later(() => keyOf({ kty: 'OKP' }, 'Ed25519')), await later(() => keyOf(given.jwk, ES256, false, ['deriveKey'])),
          await later(() => keyOf({ ...given.jwk, x: 'AAAA' })), await later(() => crypto.subtle.verify(SIGNED, {}, bytes(''), bytes(''))),
          await later(() => crypto.subtle.digest('MD5', bytes(''))), typeof crypto.subtle.generateKey, typeof crypto.subtle.exportKey, typeof crypto.randomUUID,
        ])`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('digests', async () => {
    expect(await cases.answer('digest')).toEqual([
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      true,
      'a9993e364706816aba3e25717850c26c9cd0d89d',
    ]);
  });

  it('verifies ES256, by keys in JSON and in PEM', async () => {
    expect(await cases.answer('verify')).toEqual([
      ...[true, false, true, 'public', false],
      { name: 'ECDSA', namedCurve: 'P-256' },
      ['verify'],
      ['type', 'extractable', 'algorithm', 'usages'],
    ]);
  });

  it('signs with HMAC', async () => {
    const signature = 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8';
    expect(await cases.answer('hmac')).toEqual([signature, true]);
  });

  it('encrypts, and refuses what was not encrypted so', async () => {
    expect(await cases.answer('aes')).toEqual(['secret', 'OperationError']);
  });

  it('gives random bytes', async () => {
    expect(await cases.answer('random')).toEqual([true, true, 'QuotaExceededError']);
  });

  it('refuses what the platform does not do, with errors of its own realm', async () => {
    expect(await cases.answer('refused')).toEqual([
      ...['InvalidAccessError', 'DataError', 'NotSupportedError', 'SyntaxError'],
      ...['DataError', 'TypeError', 'NotSupportedError', 'undefined', 'undefined', 'undefined'],
    ]);
  });
});
