/**
 * What a realm of the platform has: the language (ES2022, as the documentation asks TypeScript for), and nothing else. Source:
 * techdocs.akamai.com/edgeworkers/docs/specifications. `console` and later editions of the language are not documented: absent.
 */
import vm from 'node:vm';

const GLOBALS = new Set(
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error
  AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl ArrayBuffer
  Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array Uint8ClampedArray
  Float32Array Float64Array DataView Map BigInt Set WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN`.split(/\s+/),
);

/** A realm of its own, with promises of its own: they move only while its code is let in. */
export function createRealm(): vm.Context {
  const realm = vm.createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  });
  const names = vm.runInContext('Reflect.ownKeys(globalThis)', realm) as readonly (string | symbol)[];
  for (const name of names) {
    if (typeof name === 'string' && !GLOBALS.has(name))
      vm.runInContext(`delete globalThis[${JSON.stringify(name)}]`, realm);
  }
  return realm;
}
