/** One item from a file: in the form of `flags/*.yaml`, of which it is one, or its body alone. YAML, or JSON, which is YAML. */
import { type ItemKind, SECTIONS } from '#control/item';
import { parseAuthored } from '#ruleset/write/authored-files';
import { issueText, type LocatedIssue, type YamlFile } from '#ruleset/write/yaml-file';
import { CommandError } from '../command-error.ts';
import { fileText } from './file-text.ts';

/** `-` is standard input. */
export async function readItemFile(path: string, kind: ItemKind, key: string): Promise<object> {
  return itemIn({ name: path === '-' ? 'standard input' : path, text: await fileText(path) }, kind, key);
}

/** Every section that a set has, at the beginning of a line; JSON begins with a brace. */
const HAS_SECTIONS = /^(?:\s*\{\s*)?"?(?:flags|segments|layers|holdouts)"?\s*:/m;
const INDENT = 4;

export function itemIn(file: YamlFile, kind: ItemKind, key: string): object {
  const section = SECTIONS[kind];
  const isSet = HAS_SECTIONS.test(file.text);
  const parsed = parseAuthored([isSet ? file : wrapped(file, section, key)]);
  if (!parsed.ok) throw new CommandError(issueText(isSet ? parsed.error : parsed.error.map(unwrapped)));
  const items = parsed.value.authored[section] as Readonly<Record<string, object>>;
  if (Object.hasOwn(items, key)) return items[key] as object;
  throw new CommandError(`${file.name}: there is no ${kind} ${key} in it`);
}

const wrapped = ({ name, text }: YamlFile, section: string, key: string): YamlFile => ({
  name,
  text: `${section}:\n  ${JSON.stringify(key)}:\n${text.replace(/^/gm, ' '.repeat(INDENT))}`,
});

/** Where it stands in the file that the person has. */
const unwrapped = ({ line, column, path, ...issue }: LocatedIssue): LocatedIssue => ({
  ...issue,
  path: path.slice(2),
  line: Math.max(1, line - 2),
  column: Math.max(1, column - INDENT),
});
