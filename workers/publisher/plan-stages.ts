/**
 * To whom a version goes next: a move to a canary, then to all; content to a canary, its region, and after a soak to all; a return to all
 * at once. Whoever refuses it holds it where it is; a canary that says nothing does so until it has answered. Pure: states and words go in
 * and come out, and the clock is passed in.
 */
import type { ChangeClass } from '#ruleset/write/classify';

export type StageAudience = 'canary' | 'region' | 'all';

/** Where a version has come to. Kept across restarts. */
export interface Stage {
  readonly version: number;
  /** The gravest kind of change in it since what everybody has. */
  readonly kind: ChangeClass;
  readonly audience: StageAudience;
  /**
   * `offered`: the audience is asked; `unanswered`: the canary has not answered in its time, and is asked again; `soaking`: the audience has
   * it, and time goes by; `held`: it stays there; `released`: it is everybody's.
   */
  readonly phase: 'offered' | 'unanswered' | 'soaking' | 'held' | 'released';
  /** When it came there (milliseconds since 1970). */
  readonly since: number;
  /** Of what is unanswered: when the canary was asked last (milliseconds since 1970). */
  readonly askedAt?: number;
  /** Of what is held or unanswered: why. */
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

/** How long after the last time a canary is asked again that has not answered (milliseconds): for as long as that has lasted, within these. */
const ASK_AGAIN_MS = { least: 1_000, most: 10_000 };

export function nextStep({ audience, phase, since, askedAt = since }: Stage, soakMs: number, now: number): StageStep {
  switch (phase) {
    case 'offered':
      return { kind: 'offer', audience };
    case 'unanswered':
      return offerAt(askedAt, Math.min(Math.max(askedAt - since, ASK_AGAIN_MS.least), ASK_AGAIN_MS.most));
    case 'soaking':
      return offerAt(since, soakMs);
    case 'held':
    case 'released':
      return { kind: 'nothing' };
    default:
      return phase satisfies never;
  }

  /** A clock that was set back must not make a wait longer than it is. */
  function offerAt(from: number, afterMs: number): StageStep {
    const until = Math.min(from, now) + afterMs;
    return now < until ? { kind: 'wait', until } : { kind: 'offer', audience };
  }
}

/** Where it goes from there, by what the audience that was asked says. */
export function afterWord(stage: Stage, word: StageWord, soakMs: number, now: number): Stage {
  if (stage.phase === 'held' || stage.phase === 'released') return stage;
  if (word.verdict === 'refused') return held(stage, whyOfRefusal(word), now);
  if (word.verdict === 'unanswered') return unanswered(stage, word, now);
  return stage.audience === 'canary' ? behindCanary(stage, word, now) : inRegion(stage, word, soakMs, now);
}

function behindCanary(stage: Stage, { verdict }: StageWord, now: number): Stage {
  if (verdict === 'pending') return stage;
  const { version, kind } = stage;
  if (kind === 'content') return { version, kind, audience: 'region', phase: 'offered', since: now };
  return released(version, kind, now);
}

/** Those of a region who say nothing keep nobody waiting: whoever is cut off has it when they are back. */
function inRegion(stage: Stage, { asked }: StageWord, soakMs: number, now: number): Stage {
  const isOver = stage.phase === 'soaking' && now >= Math.min(stage.since, now) + soakMs;
  // Where nobody has it, no time makes it safer.
  if (isOver || asked === 0) return released(stage.version, stage.kind, now);
  return stage.phase === 'soaking' ? stage : { ...stage, phase: 'soaking', since: now };
}

const held = (stage: Stage, why: string, now: number): Stage => ({ ...stage, phase: 'held', since: now, why });

/** It may be slow, or what it was given may have broken it: nobody else gets that before it has said otherwise. */
function unanswered(stage: Stage, { canary = '' }: StageWord, now: number): Stage {
  const since = stage.phase === 'unanswered' ? Math.min(stage.since, now) : now;
  return { ...stage, phase: 'unanswered', since, askedAt: now, why: `the canary ${canary} has not answered yet` };
}

function whyOfRefusal({ refusals: [first, ...more] }: StageWord): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const what =
    first === undefined
      ? 'somebody refused it'
      : `${first.instance}${others} refused it: ${first.code}: ${first.message}`;
  return what.slice(0, 500);
}
