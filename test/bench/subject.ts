/** What the harness knows of a subject: Lockstep, the floor, or a peer. */
import type { Flag } from './workload/flags.ts';
import type { User } from './workload/users.ts';

/** Lockstep, its floor, and the peers. */
export const SUBJECTS = [
  'lockstep',
  'floor',
  'launchdarkly',
  'growthbook',
  'flagd-core',
  'unleash',
  'vercel-flags-core',
] as const;

export type SubjectName = (typeof SUBJECTS)[number];

export type Value = boolean | string;

/** Runs something `count` times and returns how often the outcome was the one wanted, so that nothing is dead code. */
export type Runner = (count: number) => number | Promise<number>;

/** A subject with its flags loaded. Each method prepares a loop of the subject's own, so that nothing is shared. */
export interface Engine {
  /** One flag, a new context in the subject's own form for every evaluation, made from `users` in turn. */
  fresh(key: string, users: readonly User[], wanted: Value): Runner;
  /** One flag and one context, made before, time after time. */
  steady(key: string, user: User, wanted: Value): Runner;
  /** One flag, the contexts made before and, where a subject remembers anything in them, used before. */
  reused(key: string, users: readonly User[], wanted: Value): Runner;
  /** All flags with their reasons, for one new context per run, made from `users` in turn. */
  all(keys: readonly string[], users: readonly User[]): Runner;
  /** The value of a flag for a user, by the same way as `fresh`. */
  value(key: string, user: User): unknown;
  /** What `all` found for a user, by key. */
  values(keys: readonly string[], user: User): Record<string, unknown> | Promise<Record<string, unknown>>;
  close?(): void | Promise<void>;
}

export interface Subject {
  readonly name: SubjectName;
  /** The flags in the subject's own format, as text, with nothing in it that the flags do not need. */
  payload(flags: readonly Flag[]): string;
  /** From the text to an engine that is ready to evaluate. */
  open(payload: string): Engine | Promise<Engine>;
  /** A loop that only makes contexts, so that their bytes can be told from the evaluation's. */
  contexts?(users: readonly User[]): Runner;
}
