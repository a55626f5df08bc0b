/** The golden vectors as OFREP asks and answers them: `docs/ofrep.md` applied to each case's decision. */
import { SEGMENT_PREFIX } from '#schema/limits';
import type { VectorCase, VectorEntry, VectorFile } from '../vectors/run.ts';
import { writeJson } from '../vectors/write.ts';

/** What a POP says, with `errorDetails` left out: words for people are nobody's contract. */
export type OfrepAnswer = { readonly status: number; readonly body: Body };

type Body = Readonly<Record<string, unknown>>;

interface Said {
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

/**
 * The same cases, each expecting the answer that a server key gets. One POP is given one file after the other, so each has a
 * version above that of the one before; which versions mean the same to a file as its own, its revisions tell, and the order with them.
 */
export function ofrepVectors(files: readonly VectorFile[]): VectorFile[] {
  const spans = files.map((file) => ({ file, ...spanOf(file) }));
  spans.sort((a, b) => a.highest - b.highest || a.lowest - b.lowest);
  let version = EPOCH;
  return spans.map(({ file, lowest, highest }) => {
    version = Math.max(version + 1, lowest);
    if (version > highest) throw new Error(`${file.name}: as version ${version} other entries would be refused`);
    return asAnswers(file, version);
  });
}

/** The versions under which the same flags as under its own are refused for their revision: a segment's has no bound. */
function spanOf({ ruleset: { version, entries } }: VectorFile): { readonly lowest: number; readonly highest: number } {
  const flags = entries.filter(({ k }) => !k.startsWith(SEGMENT_PREFIX));
  const revisions = flags.flatMap(({ r }) => (typeof r === 'number' ? [r] : []));
  const known = revisions.filter((revision) => revision <= version);
  const later = revisions.filter((revision) => revision > version);
  return { lowest: Math.max(0, ...known), highest: Math.ceil(Math.min(...later, 2 * EPOCH)) - 1 };
}

/** Versions of one epoch, the first: a change of epoch would have to be signed as one. */
const EPOCH = 2 ** 32;

const asAnswers = (file: VectorFile, version: number): VectorFile => ({
  ...file,
  ruleset: { version, entries: file.ruleset.entries },
  cases: file.cases.map((vector) => ({ ...vector, expect: answerOf(vector, version) })),
});

/** Why OFREP cannot ask a case; undefined for nearly all. Such a case is asked all the same, and OFREP says how it is refused. */
export function notCarried({ flag, context }: Pick<VectorCase, 'flag' | 'context'>): string | undefined {
  if (flag === '') return 'a flag without a name: the URL is no route';
  if (!isObject(context)) return 'a context that is no object: refused before any evaluation';
  return undefined;
}

function answerOf({ flag: key, context, expect }: VectorCase, version: number): OfrepAnswer {
  if (key === '') return { status: 404, body: PROBLEM };
  if (!isObject(context)) return { status: 400, body: { key, errorCode: 'INVALID_CONTEXT' } };
  const { errorCode, value } = expect;
  if (errorCode === 'FLAG_NOT_FOUND') return { status: 404, body: { key, errorCode } };
  const body = itemOf(key, expect, version);
  return { status: errorCode !== undefined && value === undefined ? 400 : 200, body };
}

/** A flag in a bulk answer, or the body of its own. */
function itemOf(key: string, decision: VectorCase['expect'], version: number): Record<string, unknown> {
  const { value, variation: variant, reason, rule, revision, errorCode, metadata } = decision;
  if (errorCode !== undefined && value === undefined) return { key, errorCode };
  const more = isObject(metadata) ? metadata : {};
  return {
    key,
    value,
    variant,
    // The description has no success of that reason: what a flag that is refused serves is its default.
    reason: reason === 'ERROR' ? 'DEFAULT' : reason,
    metadata: { version, revision, rule, errorCode, ...more },
  };
}

/** Of a problem only its kind is compared. */
const PROBLEM = { problem: true };

/** The body of the request that asks a case: in ASCII, with unpaired surrogates, -0 and numbers beyond doubles as they are. */
export const requestOf = (context: unknown): string => `{"context":${writeJson(context)}}`;

/** The entries as a ruleset's lines, also those that no compiler would write. */
export const linesOf = (entries: readonly VectorEntry[]): string =>
  entries.map((entry) => `${writeJson(entry)}\n`).join('');

/** An answer's body as `OfrepAnswer` has it. */
export function bodyOf({ headers, text }: Said): OfrepAnswer['body'] {
  if (headers.get('content-type') === 'application/problem+json') return PROBLEM;
  return withoutWords(JSON.parse(text) as Record<string, unknown>);
}

/** Of an answer or of a flag in one. */
export const withoutWords = ({ errorDetails: _words, ...body }: Body): Body => body;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
