/** The module `crypto`, with the operations and algorithms that the platform has. Source: techdocs.akamai.com/edgeworkers/docs/crypto. */
import { bridge } from '../bridge.js';
import { base64 } from './encoding.ts';

type Bytes = ArrayBuffer | ArrayBufferView;
type Algorithm = string | Readonly<Record<string, unknown>>;

interface KeyFacts {
  readonly type: string;
  readonly algorithm: object;
  readonly usages: readonly string[];
}

const ALGORITHMS = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'HMAC', 'AES-CBC', 'ECDSA', 'AES-CTR', 'RSA-OAEP', 'AES-GCM'];
const USAGES = ['encrypt', 'decrypt', 'sign', 'verify'];

export class CryptoKey {
  readonly type: string;
  readonly extractable = false;
  readonly algorithm: object;
  readonly usages: readonly string[];

  constructor({ type, algorithm, usages }: KeyFacts) {
    this.type = type;
    this.algorithm = algorithm;
    this.usages = usages;
  }
}

/** What stands for a key outside, which nobody else gets to see. */
const outside = new WeakMap<CryptoKey, unknown>();

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

function call(operation: string, parameters: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) =>
    bridge.subtle(operation, parameters, resolve, (name, message) => reject(named(name, message))),
  );
}

/** Bytes of the other realm, as the realm's own. */
const own = (bytes: unknown): ArrayBuffer => new Uint8Array(new Uint8Array(bytes as ArrayBuffer)).buffer;

function outsideOf(key: CryptoKey): unknown {
  if (!(key instanceof CryptoKey)) throw new TypeError('It must be a CryptoKey');
  return outside.get(key);
}

const subtle = {
  async importKey(
    format: string,
    keyData: Bytes | Readonly<Record<string, unknown>>,
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey> {
    checkImport(format, keyData, algorithm, extractable, usages);
    const { key, facts } = (await call('importKey', [format, keyData, algorithm, false, [...usages]])) as {
      readonly key: unknown;
      /** JSON. */
      readonly facts: string;
    };
    const imported = new CryptoKey(JSON.parse(facts) as KeyFacts);
    outside.set(imported, key);
    return imported;
  },
  async digest(algorithm: Algorithm, data: Bytes): Promise<ArrayBuffer> {
    return own(await call('digest', [algorithm, data]));
  },
  async encrypt(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    return own(await call('encrypt', [algorithm, outsideOf(key), data]));
  },
  async decrypt(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    return own(await call('decrypt', [algorithm, outsideOf(key), data]));
  },
  async sign(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    return own(await call('sign', [algorithm, outsideOf(key), data]));
  },
  async verify(algorithm: Algorithm, key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean> {
    return (await call('verify', [algorithm, outsideOf(key), signature, data])) === true;
  },
};

function checkImport(
  format: string,
  keyData: unknown,
  algorithm: Algorithm,
  extractable: boolean,
  usages: readonly string[],
): void {
  const name = typeof algorithm === 'string' ? algorithm : algorithm['name'];
  const isKnown = ALGORITHMS.some((one) => one.toLowerCase() === String(name).toLowerCase());
  if (!isKnown) throw named('NotSupportedError', `Algorithm ${String(name)} is not supported`);
  if (extractable !== false) throw named('InvalidAccessError', 'extractable must be false');
  const unknown = usages.find((usage) => !USAGES.includes(usage));
  if (unknown !== undefined) throw named('SyntaxError', `Key usage ${unknown} is not supported`);
  if (format === 'jwk' && (keyData as { readonly ext?: unknown }).ext === true) {
    throw named('DataError', 'The ext field of the key must be false, as extractable is');
  }
}

export const crypto = {
  subtle,
  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (!ArrayBuffer.isView(array)) throw new TypeError('It must be a typed array of integers');
    if (array.byteLength > 65_536) throw named('QuotaExceededError', 'It must have at most 65536 bytes');
    bridge.randomFill(array);
    return array;
  },
};

/** A PEM-encoded key, as bytes. */
export function pem2ab(pem: string): ArrayBuffer {
  const encoded = String(pem)
    .replace(/-----(BEGIN|END)[^-]*-----/g, '')
    .replace(/\s/g, '');
  return (base64.decode(encoded) as Uint8Array<ArrayBuffer>).buffer;
}
