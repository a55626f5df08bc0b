/**
 * To whom a version goes next: a move to a canary, then to all; content to a canary, its region, and after a soak to all; a return to all
 * at once. Whoever refuses it holds it where it is; a canary that says nothing does so until it has answered, and whoever lacks what it
 * needs until they have that (ADR 0020). Pure: states and words go in and come out, and the clock is passed in.
 */
import type { ChangeClass } from '#ruleset/write/classify';
import { type Needs, versionNeeded } from './plan-shift.ts';

export type StageAudience = 'canary' | 'region' | 'all';

/** Where a version has come to. Kept across restarts. */
export interface Stage {
  readonly version: number;
  /** The gravest kind of change in it since what everybody has. */
  readonly kind: ChangeClass;
  readonly audience: StageAudience;
  /**
   * `offered`: the audience is asked; `unanswered`: the canary has not answered in its time, and is asked again; `soaking`: the audience has
   * it, and time goes by; `waiting`: not everybody has what it needs, and they are asked again; `held`: it stays there; `released`: it is
   * everybody's.
   */
  readonly phase: 'offered' | 'unanswered' | 'soaking' | 'waiting' | 'held' | 'released';
  /** When it came there (milliseconds since 1970). */
  readonly since: number;
  /** Of what is unanswered or waits: when it was asked last (milliseconds since 1970). */
  readonly askedAt?: number;
  /** Of what is held, unanswered or waits: why. */
  readonly why?: string;
  /** What everybody must have before anybody is given it. */
  readonly needs?: Needs;
  /** What of it needs nothing, which becomes everybody's before anybody is asked about this version; none once it is. */
  readonly first?: FirstStage;
}

export type FirstStage = Omit<Stage, 'needs' | 'first'>;

/** What an audience says of a version (`POST /v1/offers` of the stream, docs/stream.md). */
export interface StageWord {
  readonly verdict: 'applied' | 'refused' | 'unanswered' | 'pending' | 'behind';
  /** How many were asked. */
  readonly asked: number;
  readonly refusals: readonly { readonly instance: string; readonly code: string; readonly message: string }[];
  readonly canary?: string;
  /** Of what was not given out: who does not have what it needs. */
  readonly behind?: Behind;
}

export interface Behind {
  readonly places: readonly {
    readonly region: string;
    readonly cloud: string;
    readonly instances: number;
    readonly names?: readonly string[];
  }[];
  readonly targets: readonly string[];
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

/** With what it needs, and what goes before it. What is everybody's already is not called back. */
export function needing(stage: Stage, needs: Needs, first: FirstStage | undefined): Stage {
  const version = versionNeeded(needs);
  if (stage.phase === 'released' || version === undefined) return stage;
  if (first === undefined || first.phase === 'released') return { ...stage, needs };
  return { ...stage, needs, first, phase: 'waiting', why: `waits for version ${version}, which goes first` };
}

/** Of what goes on before another version: what was held has another try. */
export const goesOn = (first: FirstStage, now: number): FirstStage =>
  first.phase === 'held' ? at(first, 'canary', 'offered', now) : first;

/** Whether a version has come no further: that it was asked once more is nothing. */
export function isAsFar(one: Stage | undefined, other: Stage | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const isSame = one.version === other.version && one.audience === other.audience && one.phase === other.phase;
  return isSame && one.needs === other.needs && isAsFar(one.first, other.first);
}

/** Some flags wait no more. Undefined where none of them did. A version goes once all of its flags do. */
export function overridden(stage: Stage, flags: readonly string[], now: number): Stage | undefined {
  const { needs = {}, first, ...rest } = stage;
  const left = Object.entries(needs).filter(([flag]) => !flags.includes(flag));
  if (left.length === Object.keys(needs).length) return undefined;
  if (left.length > 0) return { ...stage, needs: Object.fromEntries(left) };
  return rest.phase === 'waiting' ? at(rest, 'canary', 'offered', now) : rest;
}

/**
 * How long after the last time it is asked again (milliseconds): for as long as that has lasted, within these. An idle channel may end
 * after ten seconds, and one that has just begun does not say yet that nobody is behind.
 */
const ASK_AGAIN_MS = { least: 1_000, unanswered: 10_000, waiting: 5_000 };

export function nextStep(stage: Stage, soakMs: number, now: number): StageStep {
  if (stage.first !== undefined) return nextStep(stage.first, soakMs, now);
  const { audience, phase, since, askedAt = since } = stage;
  switch (phase) {
    case 'offered':
      return { kind: 'offer', audience };
    case 'unanswered':
    case 'waiting':
      return offerAt(askedAt, Math.min(Math.max(askedAt - since, ASK_AGAIN_MS.least), ASK_AGAIN_MS[phase]));
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
  if (stage.first !== undefined) return behindFirst(stage, afterWord(stage.first, word, soakMs, now), now);
  if (stage.phase === 'held' || stage.phase === 'released') return stage;
  if (word.verdict === 'behind') return waiting(stage, word, now);
  return afterAnswer(isGiven(stage), word, soakMs, now);
}

/** Who has what it needs keeps it. */
function isGiven(stage: Stage): Stage {
  if (stage.needs === undefined) return stage;
  const { needs: _had, ...given } = stage;
  return given;
}

function afterAnswer(stage: Stage, word: StageWord, soakMs: number, now: number): Stage {
  if (word.verdict === 'refused') return held(stage, whyOfRefusal(word), now);
  if (word.verdict === 'unanswered') return unanswered(stage, word, now);
  return stage.audience === 'canary' ? behindCanary(stage, word, now) : inRegion(stage, word, soakMs, now);
}

/** An expansion that is everybody's has done what it was for: who has it is asked next. */
function behindFirst(stage: Stage, first: FirstStage, now: number): Stage {
  if (first === stage.first) return stage;
  if (first.phase !== 'released') return { ...stage, first };
  const { needs } = stage;
  return { ...at(stage, stage.audience, 'offered', now), ...(needs && { needs }) };
}

function behindCanary(stage: Stage, { verdict }: StageWord, now: number): Stage {
  if (verdict === 'pending') return stage.phase === 'waiting' ? at(stage, 'canary', 'offered', now) : stage;
  const { version, kind } = stage;
  return kind === 'content' ? at(stage, 'region', 'offered', now) : released(version, kind, now);
}

/** Those of a region who say nothing keep nobody waiting: whoever is cut off has it when they are back. */
function inRegion(stage: Stage, { asked }: StageWord, soakMs: number, now: number): Stage {
  const isOver = stage.phase === 'soaking' && now >= Math.min(stage.since, now) + soakMs;
  // Where nobody has it, no time makes it safer.
  if (isOver || asked === 0) return released(stage.version, stage.kind, now);
  return stage.phase === 'soaking' ? stage : at(stage, stage.audience, 'soaking', now);
}

/** What is behind it is known no more. */
const at = ({ version, kind }: Stage, audience: StageAudience, phase: Stage['phase'], now: number): Stage => ({
  ...{ version, kind, audience, phase, since: now },
});

const held = (stage: Stage, why: string, now: number): Stage => ({ ...stage, phase: 'held', since: now, why });

/** It may be slow, or what it was given may have broken it: nobody else gets that before it has said otherwise. */
function unanswered(stage: Stage, { canary = '' }: StageWord, now: number): Stage {
  const since = stage.phase === 'unanswered' ? Math.min(stage.since, now) : now;
  return { ...stage, phase: 'unanswered', since, askedAt: now, why: `the canary ${canary} has not answered yet` };
}

/** Nothing that takes traffic is given to anybody while somebody could not honour it. */
function waiting(stage: Stage, word: StageWord, now: number): Stage {
  const since = stage.phase === 'waiting' ? Math.min(stage.since, now) : now;
  return { ...stage, phase: 'waiting', since, askedAt: now, why: whyOfWait(stage, word) };
}

function whyOfWait({ needs = {} }: Stage, { behind = { places: [], targets: [] } }: StageWord): string {
  const places = behind.places.map(
    ({ region, cloud, instances, names = [] }) => `${instances} in ${region} ${cloud} (${names.join(', ')})`,
  );
  const who = [...places, ...behind.targets.map((name) => `the target ${name}`)].join(', ');
  return `waits for version ${versionNeeded(needs)} everywhere: not yet ${who || 'known'}`.slice(0, 500);
}

function whyOfRefusal({ refusals: [first, ...more] }: StageWord): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const what =
    first === undefined
      ? 'somebody refused it'
      : `${first.instance}${others} refused it: ${first.code}: ${first.message}`;
  return what.slice(0, 500);
}
