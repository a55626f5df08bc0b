/** The module `cookies`. Source: techdocs.akamai.com/edgeworkers/docs/cookies. */

interface Decoding {
  decode?(text: string): string;
}

interface Encoding {
  encode?(text: string): string;
}

const asIs = (text: string): string => text;

/** A `Cookie` header. */
export class Cookies {
  #pairs: [name: string, value: string][] = [];

  /** Of several headers the first counts. */
  constructor(header?: string | readonly string[] | null, { decode = asIs }: Decoding = {}) {
    const text = typeof header === 'string' ? header : (header?.[0] ?? '');
    for (const part of text.split(';')) {
      const equals = part.indexOf('=');
      if (equals > 0) this.add(part.slice(0, equals).trim(), decode(part.slice(equals + 1).trim()));
    }
  }

  get(name: string): string | undefined {
    return this.#pairs.find(([one]) => one === name)?.[1];
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(([one]) => one === name).map(([, value]) => value);
  }

  names(): string[] {
    return this.#pairs.map(([name]) => name);
  }

  add(name: string, value: string): void {
    this.#pairs.push([String(name), String(value)]);
  }

  delete(name: string): void {
    this.#pairs = this.#pairs.filter(([one]) => one !== name);
  }

  toHeader({ encode = asIs }: Encoding = {}): string {
    return this.#pairs.map(([name, value]) => `${name}=${encode(value)}`).join('; ');
  }
}

interface CookieFields {
  name?: string;
  value?: string;
  maxAge?: number;
  domain?: string;
  path?: string;
  expires?: { toUTCString(): string };
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: 'Strict' | 'Lax' | 'None' | true;
}

/** A `Set-Cookie` header. */
export class SetCookie implements CookieFields {
  name = '';
  value = '';
  maxAge?: number;
  domain?: string;
  path?: string;
  expires?: { toUTCString(): string };
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: 'Strict' | 'Lax' | 'None' | true;

  constructor(cookie?: string | CookieFields, { decode = asIs }: Decoding = {}) {
    if (typeof cookie === 'string') Object.assign(this, parse(cookie, decode));
    else if (cookie !== undefined) Object.assign(this, cookie);
  }

  toHeader({ encode = asIs }: Encoding = {}): string {
    const sameSite = this.sameSite === true ? 'Strict' : this.sameSite;
    const parts = [
      `${this.name}=${encode(this.value)}`,
      this.maxAge === undefined ? '' : `Max-Age=${this.maxAge}`,
      this.domain === undefined ? '' : `Domain=${this.domain}`,
      this.path === undefined ? '' : `Path=${this.path}`,
      this.expires ? `Expires=${this.expires.toUTCString()}` : '',
      this.httpOnly ? 'HttpOnly' : '',
      this.secure ? 'Secure' : '',
      sameSite === undefined ? '' : `SameSite=${sameSite}`,
    ];
    return `${parts.filter((part) => part !== '').join('; ')};`;
  }
}

function parse(header: string, decode: (text: string) => string): CookieFields {
  const [first = '', ...attributes] = header.split(';').map((part) => part.trim());
  const equals = first.indexOf('=');
  const fields: CookieFields = { name: first.slice(0, equals), value: decode(first.slice(equals + 1)) };
  for (const attribute of attributes) {
    const [name = '', value = ''] = attribute.split('=', 2);
    setAttribute(fields, name.toLowerCase(), value);
  }
  return fields;
}

function setAttribute(fields: CookieFields, name: string, value: string): void {
  if (name === 'max-age') fields.maxAge = Number(value);
  else if (name === 'domain') fields.domain = value;
  else if (name === 'path') fields.path = value;
  else if (name === 'expires') fields.expires = new Date(value);
  else if (name === 'httponly') fields.httpOnly = true;
  else if (name === 'secure') fields.secure = true;
  else if (name === 'samesite') fields.sameSite = value as 'Strict' | 'Lax' | 'None';
}
