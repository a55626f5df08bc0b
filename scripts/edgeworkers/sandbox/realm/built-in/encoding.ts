/** The module `encoding`. Source: techdocs.akamai.com/edgeworkers/docs/encoding. */
import { bridge } from '../bridge.js';
import { invalidCharacter } from './invalid-character.ts';

export { TextDecoder } from './text-decoder.ts';

export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array {
    return new Uint8Array(bridge.utf8(String(text)));
  }
}

export function atob(encoded: string): string {
  const decoded = bridge.atob(String(encoded));
  if (decoded === undefined) throw invalidCharacter('atob');
  return decoded;
}

export function btoa(binary: string): string {
  const encoded = bridge.btoa(String(binary));
  if (encoded === undefined) throw invalidCharacter('btoa');
  return encoded;
}

type Output = 'String' | 'Uint8Array';

interface Base {
  decode(encoded: string, output?: Output): string | Uint8Array;
  encode(...bytes: Uint8Array[]): string;
}

function createBase(name: string, toBinary: (text: string) => string, fromBinary: (binary: string) => string): Base {
  return {
    decode(encoded, output = 'Uint8Array') {
      const binary = toBinary(String(encoded));
      return output === 'String' ? binary : Uint8Array.from(binary, (char) => char.charCodeAt(0));
    },
    encode(...given) {
      const [bytes] = given;
      if (given.length !== 1 || !(bytes instanceof Uint8Array)) {
        throw new TypeError(`${name}.encode takes one Uint8Array`);
      }
      let binary = '';
      for (const byte of bytes) binary += String.fromCharCode(byte);
      return fromBinary(binary);
    },
  };
}

export const base64 = createBase('base64', atob, btoa);

export const base64url = createBase(
  'base64url',
  (text) => {
    if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) throw invalidCharacter('base64url');
    return atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  },
  (binary) => btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''),
);

export const base16 = createBase(
  'base16',
  (text) => {
    if (!/^([0-9A-Fa-f]{2})*$/.test(text)) throw invalidCharacter('base16');
    return text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  },
  (binary) => Array.from(binary, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join(''),
);
