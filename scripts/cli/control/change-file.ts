/** A change from a file: `{"operations": […]}` as the API takes it, or the list alone. JSON, or YAML. */
import { parse } from 'yaml';
import type { Operation } from '#schema/control-operation';
import { CommandError } from '../command-error.ts';
import { fileText } from './file-text.ts';

export interface ChangeFile {
  /** Checked by the control plane, which says of each what is wrong with it. */
  readonly operations: readonly Operation[];
}

export const readChange = async (path: string): Promise<ChangeFile> => changeIn(await fileText(path), path);

export function changeIn(text: string, file: string): ChangeFile {
  const found = parsed(text, file);
  const operations = Array.isArray(found) ? found : (found as { readonly operations?: unknown } | null)?.operations;
  if (!Array.isArray(operations) || operations.length === 0)
    throw new CommandError(`${file}: is no list of operations, as {"operations": [{"op": "archive", …}]}`);
  const odd = operations.findIndex((one) => !isNamed(one));
  if (odd >= 0) throw new CommandError(`${file}: operation ${odd} has no op, kind and key`);
  return { operations: operations as Operation[] };
}

const isNamed = (one: unknown): boolean =>
  typeof one === 'object' &&
  one !== null &&
  ['op', 'kind', 'key'].every((name) => typeof (one as Record<string, unknown>)[name] === 'string');

function parsed(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`${file}: ${error.message.split('\n', 1)[0]}`);
  }
}
