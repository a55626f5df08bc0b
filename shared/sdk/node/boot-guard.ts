/**
 * Remembers with which version the process ran when it ended, and whether it ended on purpose. A version with which it crashed twice within
 * ten minutes is quarantined: the next start is from the generation before. Pure.
 */

export interface GuardState {
  /** In force when this was written; 0 before anything is. */
  readonly running: number;
  /** The process that wrote it ended on purpose. */
  readonly ended: boolean;
  /** With which versions processes crashed, oldest first. */
  readonly crashes: readonly Happening[];
  /** The versions with which that was too often. */
  readonly quarantined: readonly Happening[];
}

/** When: milliseconds since 1970. */
type Happening = readonly [version: number, at: number];

export const UNKNOWN: GuardState = { running: 0, ended: true, crashes: [], quarantined: [] };

const CRASHES = 2;
const WINDOW_MS = 600_000;
/** A process can be killed for other reasons: so no version is kept out for ever. */
const QUARANTINE_MS = 3_600_000;
const KEPT = 8;

/** What a process that starts makes of the one before. */
export function afterBoot(before: GuardState, now: number): GuardState {
  const crashes = before.crashes.map(notLater(now));
  const quarantined = before.quarantined.map(notLater(now)).filter(([, at]) => now - at <= QUARANTINE_MS);
  const { running } = before;
  if (before.ended || running === 0) return { running: 0, ended: true, crashes, quarantined };
  crashes.push([running, now]);
  const recent = crashes.filter(([version, at]) => version === running && now - at <= WINDOW_MS);
  if (recent.length >= CRASHES) quarantined.push([running, now]);
  return { running: 0, ended: true, crashes: crashes.slice(-KEPT), quarantined: quarantined.slice(-KEPT) };
}

/** A clock that was set back must not have anything count for longer. */
const notLater =
  (now: number) =>
  ([version, at]: Happening): Happening => [version, Math.min(at, now)];

export const writeState = (state: GuardState): string => JSON.stringify(state);

/** What cannot be read is no reason not to start. */
export function readState(text: string): GuardState {
  try {
    const { running, ended, crashes, quarantined } = JSON.parse(text) as Partial<Record<keyof GuardState, unknown>>;
    if (!isVersion(running) || typeof ended !== 'boolean') return UNKNOWN;
    return {
      ...{ running, ended },
      crashes: (Array.isArray(crashes) ? crashes : []).filter(isHappening).slice(-KEPT),
      quarantined: (Array.isArray(quarantined) ? quarantined : []).filter(isHappening).slice(-KEPT),
    };
  } catch {
    return UNKNOWN;
  }
}

const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isHappening = (value: unknown): value is Happening =>
  Array.isArray(value) && value.length === 2 && isVersion(value[0]) && isVersion(value[1]);
