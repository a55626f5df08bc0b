/** Samples of contexts, as the API takes them, and what became of them. */
import type { PreviewedFlag, Served } from '#control/preview-change';
import { CommandError } from '../command-error.ts';
import { plural, safeTable } from './print.ts';

export interface Sample {
  /** The place of its first context in the whole. */
  readonly first: number;
  readonly contexts: readonly object[];
}

/** The most that one preview takes. */
const MAX_CONTEXTS = 1_000;

/** One context a line; or a JSON list of them. */
export function samplesOf(text: string, file: string): Sample[] {
  const contexts = text.trimStart().startsWith('[') ? listed(text, file) : lines(text, file);
  return Array.from({ length: Math.ceil(contexts.length / MAX_CONTEXTS) }, (_, at) => {
    const first = at * MAX_CONTEXTS;
    return { first, contexts: contexts.slice(first, first + MAX_CONTEXTS) };
  });
}

function lines(text: string, file: string): object[] {
  return text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [contextIn(line, `${file}:${at + 1}`)]));
}

function listed(text: string, file: string): object[] {
  const list = parsed(text, file) as readonly unknown[];
  return list.map((one, at) => mustBeContext(one, `${file}: context ${at}`));
}

const contextIn = (line: string, where: string): object => mustBeContext(parsed(line, where), where);

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${where}: is no JSON`);
  }
}

function mustBeContext(value: unknown, where: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new CommandError(`${where}: is no context, as {"targetingKey":"user-1"}`);
}

/** Over all samples, contexts by their place in the whole. */
export function sum(
  pages: readonly { readonly sample: Sample; readonly flags: readonly PreviewedFlag[] }[],
): PreviewedFlag[] {
  const found = new Map<string, { flag: string; changed: PreviewedFlag['changed'][number][]; same: number }>();
  for (const { sample, flags } of pages) {
    for (const { flag, changed, same } of flags) {
      const one = found.get(flag) ?? { flag, changed: [], same: 0 };
      for (const { context, ...served } of changed) one.changed.push({ ...served, context: sample.first + context });
      found.set(flag, { ...one, same: one.same + same });
    }
  }
  return [...found.values()];
}

export function previewText(flags: readonly PreviewedFlag[]): string {
  if (flags.length === 0) return 'no flag serves anything else';
  return flags.map(flagText).join('\n\n');
}

/** Ways from one variation to another, the most travelled first, each with somebody who goes it. */
function flagText({ flag, changed, same }: PreviewedFlag): string {
  const ways = new Map<string, { before: Served; after: Served; contexts: number[] }>();
  for (const { context, before, after } of changed) {
    const way = `${before.variation} ${after.variation} ${after.reason} ${after.rule}`;
    const known = ways.get(way) ?? { before, after, contexts: [] };
    known.contexts.push(context);
    ways.set(way, known);
  }
  const rows = [...ways.values()]
    .sort((a, b) => b.contexts.length - a.contexts.length)
    .map(({ before, after, contexts }) => [
      '',
      String(contexts.length),
      `${before.variation ?? 'the code default'} -> ${after.variation ?? 'the code default'}`,
      after.rule === null ? after.reason : `${after.reason} by rule ${after.rule}`,
      `as context ${contexts[0]}`,
    ]);
  const head = `${safeTable([[flag]])}: ${plural(changed.length, 'context')} of ${changed.length + same} served something else`;
  return rows.length === 0 ? head : `${head}\n${safeTable(rows)}`;
}
