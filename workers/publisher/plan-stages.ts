/**
 * To whom a version goes next: a move to a canary, then to all; content to a canary, its region, and after a soak to all; a return to all
 * at once. Whoever refuses it holds it where it is. Pure: states and words go in and come out, and the clock is passed in.
 */
import type { ChangeClass } from '#ruleset/write/classify';

export type StageAudience = 'canary' | 'region' | 'all';

/** Where a version has come to. Kept across restarts. */
export interface Stage {
  readonly version: number;
  /** The gravest kind of change in it since what everybody has. */
  readonly kind: ChangeClass;
  readonly audience: StageAudience;
  /** `offered`: the audience is asked; `soaking`: it has it, and time goes by; `held`: it stays there; `released`: it is everybody's. */
  readonly phase: 'offered' | 'soaking' | 'held' | 'released';
  /** When it came there (milliseconds since 1970). */
  readonly since: number;
  /** Of what is held: why. */
  readonly why?: string;
}

/** What an audience says of a version (`POST /v1/offers` of the stream, docs/stream.md). */
export interface StageWord {
  readonly verdict: 'applied' | 'refused' | 'unanswered' | 'pending';
  /** How many were asked. */
  readonly asked: number;
  readonly refusals: readonly { readonly instance: string; readonly code: string; readonly message: string }[];
  readonly canary?: string;
}

export type StageStep =
  /** Ask the audience, now. */
  | { readonly kind: 'offer'; readonly audience: StageAudience }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'nothing' };

const GRAVITY: Readonly<Record<ChangeClass, number>> = { return: 0, move: 1, content: 2 };

/** The gravest of some kinds; `return` where there is none: nothing is new to anybody. */
export const gravest = (kinds: Iterable<ChangeClass>): ChangeClass =>
  [...kinds].reduce<ChangeClass>((worst, kind) => (GRAVITY[kind] > GRAVITY[worst] ? kind : worst), 'return');

export const released = (version: number, kind: ChangeClass, now: number): Stage => ({
  ...{ version, kind, audience: 'all', phase: 'released', since: now },
});

/** Of a publish. What is in it that `before` had and not everybody has yet is as new as it was. */
export function beginStage(
  version: number,
  kinds: Iterable<ChangeClass>,
  before: Stage | undefined,
  now: number,
): Stage {
  const pending = before === undefined || before.phase === 'released' ? [] : [before.kind];
  const kind = gravest([...kinds, ...pending]);
  if (kind === 'return') return released(version, kind, now);
  return { version, kind, audience: 'canary', phase: 'offered', since: now };
}

export function nextStep({ audience, phase, since }: Stage, soakMs: number, now: number): StageStep {
  switch (phase) {
    case 'offered':
      return { kind: 'offer', audience };
    case 'soaking': {
      // A clock that was set back must not make a soak longer than it is.
      const until = Math.min(since, now) + soakMs;
      return now < until ? { kind: 'wait', until } : { kind: 'offer', audience };
    }
    case 'held':
    case 'released':
      return { kind: 'nothing' };
    default:
      return phase satisfies never;
  }
}

/** Where it goes from there, by what the audience that was asked says. */
export function afterWord(stage: Stage, word: StageWord, soakMs: number, now: number): Stage {
  if (stage.phase === 'held' || stage.phase === 'released') return stage;
  if (word.verdict === 'refused' || word.verdict === 'unanswered') return held(stage, whyOf(word), now);
  return stage.audience === 'canary' ? behindCanary(stage, word, now) : inRegion(stage, word, soakMs, now);
}

function behindCanary(stage: Stage, { verdict }: StageWord, now: number): Stage {
  if (verdict === 'pending') return stage;
  if (stage.kind === 'content') return { ...stage, audience: 'region', phase: 'offered', since: now };
  return released(stage.version, stage.kind, now);
}

/** Those of a region who say nothing keep nobody waiting: whoever is cut off has it when they are back. */
function inRegion(stage: Stage, { asked }: StageWord, soakMs: number, now: number): Stage {
  const isOver = stage.phase === 'soaking' && now >= Math.min(stage.since, now) + soakMs;
  // Where nobody has it, no time makes it safer.
  if (isOver || asked === 0) return released(stage.version, stage.kind, now);
  return stage.phase === 'soaking' ? stage : { ...stage, phase: 'soaking', since: now };
}

const held = (stage: Stage, why: string, now: number): Stage => ({ ...stage, phase: 'held', since: now, why });

function whyOf({ verdict, refusals: [first, ...more], canary }: StageWord): string {
  if (verdict === 'unanswered' || first === undefined) return `the canary ${canary ?? ''} did not answer`;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `${first.instance}${others} refused it: ${first.code}: ${first.message}`.slice(0, 500);
}
