/** The module `url-search-params`. Source: techdocs.akamai.com/edgeworkers/docs/url-search-params, url.spec.whatwg.org. */
import { bridge } from '../bridge.js';

type Pair = [name: string, value: string];

export default class URLSearchParams {
  #pairs: Pair[];

  constructor(init: string | URLSearchParams = '') {
    this.#pairs = init instanceof URLSearchParams ? [...init.entries()] : parse(String(init).replace(/^\?/, ''));
  }

  append(name: string, value: string): void {
    this.#pairs.push([String(name), String(value)]);
  }

  delete(name: string): void {
    this.#pairs = this.#pairs.filter(([one]) => one !== String(name));
  }

  get(name: string): string | null {
    return this.#pairs.find(([one]) => one === String(name))?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(([one]) => one === String(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#pairs.some(([one]) => one === String(name));
  }

  set(name: string, value: string): void {
    const first = this.#pairs.find(([one]) => one === String(name));
    if (first === undefined) {
      this.append(name, value);
      return;
    }
    this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== String(name));
    first[1] = String(value);
  }

  *entries(): IterableIterator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${escapeText(name)}=${escapeText(value)}`).join('&');
  }
}

const parse = (query: string): Pair[] =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      return [unescapeText(name), unescapeText(value)];
    });

/** As forms are: bytes in UTF-8, wrong ones replaced. */
function unescapeText(text: string): string {
  const bytes = bridge.utf8(text.replace(/\+/g, ' '));
  const decoded: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const pair = String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
    const isEscape = bytes[at] === 0x25 && /^[0-9A-Fa-f]{2}$/.test(pair);
    decoded.push(isEscape ? Number.parseInt(pair, 16) : (bytes[at] as number));
    if (isEscape) at += 2;
  }
  return bridge.decoder('utf-8', false, true)?.decode(Uint8Array.from(decoded), false) ?? '';
}

const escapeText = (text: string): string =>
  Array.from(bridge.utf8(text), (byte) => {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9*._-]/.test(char)) return char;
    return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
