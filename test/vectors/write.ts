import type { VectorFile } from './run.ts';

function escapeText(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function writeNumber(number: number): string {
  if (Object.is(number, -0)) return '-0';
  // A number that no double holds is legal JSON; readers in JavaScript see infinity.
  if (number === Number.POSITIVE_INFINITY) return '1e400';
  if (number === Number.NEGATIVE_INFINITY) return '-1e400';
  return JSON.stringify(number);
}

/** JSON in ASCII on one line, with -0 and infinities kept. */
export function writeJson(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`no JSON: ${typeof value}`);
  const fields = Object.entries(value).map(([key, field]) => `${escapeText(key)}:${writeJson(field)}`);
  return `{${fields.join(',')}}`;
}

function writeLines(values: readonly unknown[]): string {
  return `[\n${values.map(writeJson).join(',\n')}\n]`;
}

/** The bytes of a vector file: an entry a line, and a case a line. */
export function writeFileText(file: VectorFile): string {
  const head = `"specVersion":${file.specVersion},\n"name":${writeJson(file.name)}`;
  const description = `"description":${writeJson(file.description)}`;
  const entries = `"ruleset":{"version":${file.ruleset.version},"entries":${writeLines(file.ruleset.entries)}}`;
  return `{\n${head},\n${description},\n${entries},\n"cases":${writeLines(file.cases)}\n}\n`;
}
