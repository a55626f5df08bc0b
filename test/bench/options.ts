/** The command line. */
import { parseArgs } from 'node:util';
import { CASES, type CaseName } from './cases.ts';
import { PARTS, type PartName } from './report/parts.ts';
import { SUBJECTS, type SubjectName } from './subject.ts';

export interface Options {
  readonly help: boolean;
  readonly check: boolean;
  readonly quick: boolean;
  readonly cases: readonly CaseName[];
  readonly parts: readonly PartName[];
  readonly subjects: readonly SubjectName[];
}

export const HELP = `Usage: npm run bench -- [options]

  --case <names>  only these cases, separated by commas; "e" stands for all that begin with it
                  (${[...CASES, ...PARTS].join(', ')})
  --no-peers      only Lockstep and the floor
  --quick         one process per subject and fewer rounds: rough figures
  --check         exit with 1 where a target is missed
  --help          this text

A run of ${CASES.join(', ')} with all peers that is not quick writes their rows in test/bench/results/latest.json and latest.md anew; so does
one of any of ${PARTS.join(', ')}, alone or with them.
`;

/** Throws with a message for the user where the arguments make no sense. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true },
      'no-peers': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const asked = (values.case ?? []).flatMap((names) => names.split(','));
  return {
    help: values.help,
    check: values.check,
    quick: values.quick,
    parts: asked.length === 0 ? PARTS : PARTS.filter((name) => asked.includes(name)),
    cases: asked.length === 0 ? CASES : CASES.filter((name) => asked.some((one) => covers(one, name, asked))),
    subjects: values['no-peers'] ? ['lockstep', 'floor'] : SUBJECTS,
  };
}

function covers(one: string, name: CaseName, asked: readonly string[]): boolean {
  if (one !== 'e' && !([...CASES, ...PARTS] as readonly string[]).includes(one)) {
    throw new Error(`There is no case "${one}" (asked: ${asked.join(', ')}).`);
  }
  return one === name || (one === 'e' && name.startsWith('e-'));
}
