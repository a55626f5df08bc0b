/** Authored flags as TypeScript: what each serves, by key, and what it serves before there is any ruleset. Pure. */
import type { JsonValue } from '#core/decision';
import type { OfflineDefault } from '#ruleset/offline';

export interface TypedFlag {
  readonly description: string;
  readonly type: 'boolean' | 'string' | 'number' | 'object';
  /** Of its variations. */
  readonly values: readonly JsonValue[];
}

const HEAD = `/** Written by \`lockstep types\`: write it again where flags change. */
`;

export function flagTypes(
  flags: Readonly<Record<string, TypedFlag>>,
  defaults: Readonly<Record<string, OfflineDefault>>,
): string {
  const keys = Object.keys(flags).sort();
  const shapes = keys.map((key) => {
    const { description, type, values } = flags[key] as TypedFlag;
    return `  /** ${commentOf(description)} */\n  readonly ${text(key)}: ${typeOf(type, values)};\n`;
  });
  const served = keys.flatMap((key) => {
    const one = defaults[key];
    return one === undefined ? [] : [`  ${text(key)}: ${literal({ ...one })},\n`];
  });
  return [
    HEAD,
    `\n/** What each flag serves. */\nexport interface Flags {\n${shapes.join('')}}\n`,
    `\n/** What each serves before there is any ruleset; one that is not among them has the code's own value. */\n`,
    `export const offlineDefaults = {\n${served.join('')}} as const;\n`,
  ].join('');
}

/** Of numbers any: which one is served is an operator's business, and no code should compare them. */
function typeOf(type: TypedFlag['type'], values: readonly JsonValue[]): string {
  switch (type) {
    case 'boolean':
    case 'number':
      return type;
    case 'string':
      return union(values.map((value) => text(String(value))));
    case 'object':
      return union(values.map(shapeOf));
    default:
      return type satisfies never;
  }
}

/** The type of what JSON has there; texts in objects may be any. */
function shapeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (isList(value)) return value.length === 0 ? 'readonly never[]' : `readonly (${union(value.map(shapeOf))})[]`;
  const fields = Object.keys(value)
    .sort()
    .map((name) => `readonly ${text(name)}: ${shapeOf(value[name] as JsonValue)}`);
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${fields.join('; ')} }`;
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

const union = (types: readonly string[]): string => [...new Set(types)].sort().join(' | ');

/** In single quotes, and in ASCII: nothing in it can end it, or be misread. */
const text = (value: string): string =>
  `'${ascii(JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'"))}'`;

function literal(value: JsonValue): string {
  if (typeof value === 'string') return text(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(literal).join(', ')}]`;
  const fields = Object.entries(value).map(
    ([name, one]) => `${/^[a-z]\w*$/i.test(name) ? name : text(name)}: ${literal(one)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const ascii = (value: string): string =>
  value.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** On one line, and no end of the comment in it. */
const commentOf = (description: string): string =>
  description
    .replace(/\s+/g, ' ')
    .replace(/[^ -~]/g, (unit) => (/\p{L}/u.test(unit) ? unit : '?'))
    .replaceAll('*/', '*\\/')
    .trim();
