/**
 * The ledger: each emitter says how many exposures it made in all, and what was received must come up to it. No statistics: what was lost is
 * known exactly, and how much of it was dropped on purpose or is still on disk.
 */
import { checkCount } from './check-cells.ts';
import { noData, pass, type UnhealthyReason, unhealthy, type Verdict } from './verdict.ts';

/** Cumulative since the emitter started. */
export interface EmitterLedger {
  /** An emitter that restarts has another name. */
  readonly emitter: string;
  readonly evaluated: number;
  readonly exposed: number;
  readonly sent: number;
  readonly dropped: number;
  readonly spilled: number;
  /** Milliseconds since 1970 of its last word. */
  readonly at: number;
}

export interface LedgerState {
  readonly at: number;
  /** Since when more is missing than is allowed; null where it is not. */
  readonly gapSince: number | null;
  /** What each emitter had exposed at the last look. */
  readonly exposed: Readonly<Record<string, number>>;
}

export const EMPTY_LEDGER: LedgerState = { at: 0, gapSince: null, exposed: {} };

const MOST_MISSING = 0.01;
/** A gap that closes within this is what is on its way. */
const GAP_MS = 60_000;
const HEARTBEAT_MS = 60_000;
/** Emitters that one rollout hears. */
const MAX_EMITTERS = 256;

/** `ledgers`: of the emitters that should be there. `received`: of their exposures, cumulative. */
export function assessLedger(
  state: LedgerState,
  ledgers: readonly EmitterLedger[],
  received: number,
  now: number,
): { readonly state: LedgerState; readonly verdict: Verdict } {
  const trouble = checkLedgers(state, ledgers, received, now);
  if (trouble !== null) return { state, verdict: unhealthy(trouble) };
  const exposed = ledgers.reduce((sum, ledger) => sum + ledger.exposed, 0);
  const missing = exposed === 0 ? 0 : Math.max(0, exposed - received) / exposed;
  const gapSince = missing > MOST_MISSING ? (state.gapSince ?? now) : null;
  const next = { at: now, gapSince, exposed: Object.fromEntries(ledgers.map((one) => [one.emitter, one.exposed])) };
  return { state: next, verdict: verdictOf(ledgers, missing, gapSince, now) };
}

function verdictOf(ledgers: readonly EmitterLedger[], missing: number, gapSince: number | null, now: number): Verdict {
  const found = { estimate: missing, threshold: MOST_MISSING };
  if (ledgers.length === 0) return noData('no-exposures', found);
  if (ledgers.some(({ at }) => now - at > HEARTBEAT_MS)) return unhealthy('no-heartbeat', found);
  return gapSince !== null && now - gapSince >= GAP_MS ? unhealthy('ledger-gap', found) : pass('within-limit', found);
}

function checkLedgers(
  state: LedgerState,
  ledgers: readonly EmitterLedger[],
  received: number,
  now: number,
): UnhealthyReason | null {
  if (!Number.isFinite(now)) return 'not-finite';
  if (now < state.at) return 'clock-backwards';
  if (ledgers.length > MAX_EMITTERS) return 'too-many-cells';
  for (const { emitter, at, evaluated, exposed, sent, dropped, spilled } of ledgers) {
    for (const count of [evaluated, exposed, sent, dropped, spilled, at]) {
      const trouble = checkCount(count);
      if (trouble !== null) return trouble;
    }
    if (exposed > evaluated) return 'impossible-count';
    if (Object.hasOwn(state.exposed, emitter) && exposed < (state.exposed[emitter] as number))
      return 'counts-decreased';
  }
  return checkCount(received);
}
