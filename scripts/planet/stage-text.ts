/** What keeps a version from going to everybody, in a few words. */
import { printable } from '#control/audit/printable';

/** As much of the publisher's `stage`. */
export interface StageStanding {
  readonly version: number;
  readonly phase: string;
  readonly why?: string | undefined;
  /** By flag, the version that everybody must have first. */
  readonly needs?: Readonly<Record<string, number>> | undefined;
  /** What goes before it. */
  readonly first?: { readonly why?: string | undefined } | undefined;
  readonly everybodys: number | null;
}

const STANDS: Readonly<Record<string, string>> = {
  waiting: 'waits',
  unanswered: 'waits for its canary',
  held: 'is held',
};
/** Flags that are named. */
const SHOWN = 5;

/** Undefined where it is everybody's, or goes on by itself. */
export function stageText({ version, phase, why, needs = {}, first, everybodys }: StageStanding): string | undefined {
  const stands = STANDS[phase];
  if (stands === undefined) return undefined;
  const flags = Object.keys(needs);
  const more = flags.length > SHOWN ? ` and ${flags.length - SHOWN} more` : '';
  const sake = flags.length === 0 ? '' : `, for ${flags.slice(0, SHOWN).join(', ')}${more}`;
  const reason = first?.why ?? why;
  const has = everybodys === null ? "no version is everybody's yet" : `everybody has version ${everybodys}`;
  return printable(`version ${version} ${stands}${sake}${reason === undefined ? '' : `: ${reason}`} (${has})`);
}
