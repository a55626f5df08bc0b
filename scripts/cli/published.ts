/** What a publish came to, and that in words. */
import { printable } from '#control/audit/printable';
import type { MissingApproval } from '#control/refusal';
import type { Moved } from '#ruleset/write/moved';
import { PEOPLE, PERSON_NAMES } from '../planet/people.ts';
import { type StageStanding, stageText } from '../planet/stage-text.ts';
import { changeText } from './compile.ts';
import { missingText } from './control/diff-text.ts';
import type { JournalEntry, Target } from './publisher.ts';
import { table } from './table.ts';

interface Told {
  /** The version in force now; 0 where nothing ever was. */
  readonly version: number;
  readonly changes: Readonly<Record<string, string>>;
  readonly moved: readonly Moved[];
  readonly targets: readonly Target[];
  /** Where the version in force is on its way to everybody. */
  readonly stage?: StageStanding;
  /** At the publisher, and not in the log yet. */
  readonly returns: readonly JournalEntry[];
}

export type Published = Told &
  (
    | { readonly status: 'unchanged' }
    /** What it would come to. */
    | { readonly status: 'dry-run'; readonly missing: readonly MissingApproval[]; readonly refusal?: string }
    /** As a change request. */
    | {
        readonly status: 'waits';
        readonly request: string;
        readonly missing: readonly MissingApproval[];
        /** Nothing was opened: it waits already. */
        readonly again: boolean;
      }
    /** `seq` is its entry in the log. */
    | { readonly status: 'published'; readonly seq: number }
    /** Applied, and no payload is another for it. */
    | { readonly status: 'applied'; readonly seq: number }
    /** Applied, and the publisher does not take it. */
    | { readonly status: 'frozen'; readonly seq: number; readonly trouble: string }
  );

export function publishedText(published: Published): string {
  const { changes, moved, targets, stage, returns } = published;
  const stands = stage && stageText(stage);
  return [
    changeText(changes, moved),
    ...outcomeLines(published),
    ...(stands === undefined ? [] : [stands]),
    ...(targets.length > 0 ? [targetText(targets)] : []),
    ...returnLines(returns),
  ].join('\n');
}

function outcomeLines(published: Published): readonly string[] {
  const { version } = published;
  const inForce = version === 0 ? 'nothing is in force yet' : `version ${version} stays in force`;
  switch (published.status) {
    case 'unchanged':
      return [inForce];
    case 'dry-run':
      return published.refusal === undefined
        ? [inForce, ...published.missing.map((one) => `must approve: ${missingText(one)}`)]
        : [inForce, `this would be refused: ${printable(published.refusal)}`];
    case 'waits':
      return [inForce, ...waitingLines(published)];
    case 'published':
      return [`published version ${version}, entry ${published.seq} of the log`];
    case 'applied':
      return [`${inForce}: entry ${published.seq} of the log`];
    case 'frozen':
      return [
        inForce,
        `config is frozen: entry ${published.seq} of the log goes out once the publisher takes it (${printable(published.trouble)})`,
      ];
    default:
      return published satisfies never;
  }
}

type Waiting = Extract<Published, { readonly status: 'waits' }>;

const waitingLines = ({ request, missing, again }: Waiting): readonly string[] => [
  `change request ${printable(request)} ${again ? 'waits already' : 'waits'} for approval`,
  ...missing.map((one) => `must approve: ${missingText(one)}`),
  `npm run lockstep -- cr approve ${printable(request)} --as ${approverOf(missing) ?? '<who may>'}`,
];

/** Somebody of the planet who may, for the command that comes next. */
export function approverOf(missing: readonly MissingApproval[]): string | undefined {
  const [first] = missing;
  const may = PERSON_NAMES.filter(
    (person) => person !== 'gitops' && PEOPLE[person].some((role) => first?.roles.includes(role) === true),
  );
  return may.at(0);
}

/** They are taken over before the next publish: what serves then is what was returned to. */
function returnLines(returns: readonly JournalEntry[]): readonly string[] {
  if (returns.length === 0) return [];
  const rows = returns.map(({ id, actor, reason, version, changes }) => [
    `return ${id}`,
    `version ${version}`,
    `by ${actor}`,
    Object.keys(changes).join(', '),
    reason ?? '',
  ]);
  return [
    'These flags were rolled back. The log takes that over before the next publish, and whoever wants them otherwise changes them anew:',
    table(rows),
  ];
}

export const targetText = (targets: readonly Target[]): string =>
  table(
    targets.map(({ name, state, version, error }) => [
      `target ${name}`,
      state,
      version === null ? 'nothing yet' : `version ${version}`,
      error ?? '',
    ]),
  );
