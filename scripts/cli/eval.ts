/** `lockstep eval`: one decision, and the way to it. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { createContext, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import { explain, type Step } from '#core/explain';
import { IGNORES_CASE, NEGATED } from '#core/flag';
import { readLines } from '#ruleset/reader';
import type { ClauseEntry, FlagEntry } from '#schema/entry';
import { CommandError } from './command-error.ts';
import { mustCompileFlags } from './flags-folder.ts';
import { table } from './table.ts';

export interface EvalOptions {
  readonly flags: string;
  /** JSON, or @file, or - for standard input. */
  readonly context: string;
  readonly place: Place;
  readonly json: boolean;
}

export async function evalCommand(key: string, options: EvalOptions): Promise<number> {
  const attributes = await readContext(options.context);
  const { lines } = await mustCompileFlags(options.flags, [], 1);
  const ruleset = readLines(lines, 1);
  const context = createContext(attributes, options.place);
  const decision = evaluate(ruleset, key, context);
  const steps = withClauses(explain(ruleset, key, context), ruleset.line(key));
  if (options.json) console.log(JSON.stringify({ flag: key, ...decision, path: steps }, null, 2));
  else console.log(`${decisionText(key, decision)}\n\n${pathText(steps)}`);
  if (decision.errorCode !== 'FLAG_NOT_FOUND') return 0;
  console.error(similarText(key, ruleset.flagKeys()));
  return 1;
}

async function readContext(source: string): Promise<unknown> {
  const json =
    source === '-' ? await text(process.stdin) : source.startsWith('@') ? await fileText(source.slice(1)) : source;
  try {
    const context: unknown = JSON.parse(json);
    if (typeof context === 'object' && context !== null && !Array.isArray(context)) return context;
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new CommandError(`--context must be a JSON object, as {"targetingKey":"user-1"}; found ${json.slice(0, 60)}`);
}

const fileText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file}: cannot be read`);
  });

function decisionText(key: string, decision: Decision): string {
  const { value, variation, reason, rule, revision, version, errorCode, metadata } = decision;
  const rows: [string, string | undefined][] = [
    ['flag', key],
    ['value', value === undefined ? 'none: the code default applies' : JSON.stringify(value)],
    ['variation', variation],
    ['reason', errorCode === undefined ? reason : `${reason} (${errorCode})`],
    ['rule', rule],
    ['revision', `${revision} of version ${version}`],
    ...Object.entries(metadata ?? {}),
  ];
  return table(rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

function pathText(steps: readonly TextStep[]): string {
  const rows = steps.flatMap(({ step, name, outcome, ends, clauses }, at) => [
    [`${at + 1}`, step, name, `${ends ? '=> ' : ''}${outcome}`],
    ...(clauses ?? []).map(({ clause, holds }) => ['', '', holds ? '  yes' : '  no', clause]),
  ]);
  return table(rows);
}

interface TextStep extends Omit<Step, 'clauses'> {
  readonly clauses?: readonly { readonly clause: string; readonly holds: boolean }[];
}

/** Puts words to the clauses of each rule: those of the flag's own line. */
function withClauses(steps: readonly Step[], line: string | undefined): TextStep[] {
  const rules = line === undefined ? [] : ((JSON.parse(line) as FlagEntry).u ?? []);
  return steps.map(({ clauses, ...step }) => {
    const written = rules.find(([id]) => step.step === 'rule' && id === step.name)?.[1] ?? [];
    return clauses === undefined
      ? step
      : { ...step, clauses: clauses.map((holds, at) => ({ clause: clauseText(written[at] as ClauseEntry), holds })) };
  });
}

function clauseText(clause: ClauseEntry): string {
  const [operator, path, values, bits = 0, kind] = clause as [string, string | string[], unknown[]?, number?, string?];
  if (operator === 'segment') {
    const negated = (clause[2] ?? 0) !== 0;
    return `${negated ? 'not ' : ''}in segment ${[path].flat().join(' or ')}`;
  }
  const list = values ?? [];
  const shown = list.length > 6 ? `${list.length} values` : list.map((value) => JSON.stringify(value)).join(', ');
  const attribute = [...(kind === undefined ? [] : [kind]), path].flat().join('.');
  const anyCase = (bits & IGNORES_CASE) === 0 ? '' : ' (any case)';
  return `${attribute} ${(bits & NEGATED) === 0 ? '' : 'not '}${operator} ${shown}${anyCase}`.trimEnd();
}

function similarText(key: string, keys: readonly string[]): string {
  const wanted = key.toLowerCase();
  const last = wanted.split('.').at(-1) as string;
  const close = keys.filter((one) => one.toLowerCase().includes(last) || wanted.includes(one.toLowerCase()));
  return close.length === 0
    ? `there are ${keys.length} flags, none of that name`
    : `did you mean ${close.slice(0, 3).join(', ')}?`;
}
