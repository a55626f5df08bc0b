/** What the platform takes as headers and statuses: RFC 9110's names, and values without C0 controls. */

export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
/** Akamai's own: no EdgeWorker may change them. */
const INTERNAL = /^(x-ak|akamai-)/i;

export function checkName(name: unknown): string {
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new TypeError(`Invalid header name: ${String(name)}`);
  return name;
}

export function checkChangeable(name: unknown): string {
  const checked = checkName(name);
  if (INTERNAL.test(checked)) throw new TypeError(`Header ${checked} is for internal use`);
  return checked;
}

/** One or several, as texts. */
export function checkValues(value: unknown): string[] {
  const values = (Array.isArray(value) ? value : [value]).map((one) => {
    if (one === undefined || one === null) throw new TypeError('Header value is missing');
    return String(one);
  });
  if (values.some((one) => CONTROL.test(one))) throw new TypeError('Header value has control characters');
  return values;
}

export function checkStatus(status: unknown): number {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`Invalid status ${String(status)}: it must be 200 to 599`);
  }
  return status;
}

/** Of an object by name, as lines. */
export function linesOf(headers: unknown): [string, string][] {
  if (headers === undefined || headers === null) return [];
  if (typeof headers !== 'object') throw new TypeError('Headers must be an object');
  return Object.entries(headers).flatMap(([name, value]) =>
    checkValues(value).map((one): [string, string] => [checkName(name), one]),
  );
}
