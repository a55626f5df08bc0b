/** Arguments of commands, parsed; what is none of them is said in a line. */
import { InvalidArgumentError } from 'commander';
import { CONFIRMATIONS, type Confirmation } from '../confirmation.ts';

export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

export function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return number;
}

export function wholeNumber(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}

/** Above 0, up to 1. */
export function share(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1)) throw new InvalidArgumentError('must be above 0 and at most 1: 0.2 is a fifth');
  return number;
}

export function confirmations(text: string): Confirmation[] {
  const words = text.split(',');
  const known = CONFIRMATIONS.filter((one) => words.includes(one));
  if (known.length !== words.length) throw new InvalidArgumentError(`there are ${CONFIRMATIONS.join(' and ')}`);
  return known;
}

/** Keys, with commas between. */
export function keys(text: string): string[] {
  const named = text.split(',').filter((key) => key !== '');
  if (named.length === 0) throw new InvalidArgumentError('must name at least one flag');
  return named;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** In milliseconds. */
export function duration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (text !== '0' && !Number.isSafeInteger(ms)) throw new InvalidArgumentError('must be as 90s, 30m, 24h or 7d');
  return text === '0' ? 0 : ms;
}
