/** The module `log`. Source: techdocs.akamai.com/edgeworkers/docs/log. */
import { bridge } from '../bridge.js';

type Log = (format: unknown, ...values: unknown[]) => void;

const at =
  (level: string): Log =>
  (format, ...values) =>
    bridge.log(level, formatted(format, values));

/** By the first letter, as in the platform's headers; `log` is of level debug. */
export const logger: Readonly<Record<'log' | 'trace' | 'debug' | 'info' | 'warn' | 'error', Log>> = {
  log: at('D'),
  trace: at('T'),
  debug: at('D'),
  info: at('I'),
  warn: at('W'),
  error: at('E'),
};

function formatted(format: unknown, values: readonly unknown[]): string {
  if (typeof format !== 'string') return [format, ...values].map(textOf).join(' ');
  let used = 0;
  const text = format.replace(/%([sdifoO%])/g, (whole, kind: string) => {
    if (kind === '%') return '%';
    if (used >= values.length) return whole;
    return convert(kind, values[used++]);
  });
  return [text, ...values.slice(used).map(textOf)].join(' ');
}

function convert(kind: string, value: unknown): string {
  if (kind === 'd' || kind === 'i')
    return typeof value === 'symbol' ? 'NaN' : String(Number.parseInt(String(value), 10));
  if (kind === 'f') return typeof value === 'symbol' ? 'NaN' : String(Number.parseFloat(String(value)));
  return kind === 's' ? String(value) : jsonOf(value);
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? jsonOf(value) : String(value);

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '[object]';
  }
}
