/**
 * One look at the counts of a guardrail: folds what is new since the last look into the evidence.
 *
 * Assumes: arms are assigned by hash, independently of outcomes; within a cell the outcomes of both arms are equally late; each unit has at most
 * one outcome a revision. Nothing is assumed of the rate itself, nor of how late outcomes are: they may drift, spike and depend on region and hour.
 *
 * Why the bound holds: let a unit be treated with the chance s, and have an outcome with the chance p r F(t) by the time t after its exposure, or
 * p F(t) in control. Whenever an outcome comes, it is then of a treated unit with the chance theta(r) = s r / (s r + 1 - s), independently of when
 * it comes and of the arms of all outcomes before it; so at the limit each bet is a martingale over the outcomes, within the limit a
 * supermartingale, at whatever looks one takes. For s stands the share of those exposed in the cell. What chance makes of that share cannot help
 * either: with A and B what a bet pays for an outcome of either arm, and m and n exposed units that have had one with the chances q r and q,
 * E[A^x B^y] = (1 + q r (A - 1))^m (1 + q (B - 1))^n <= exp(q (m r (A - 1) + n (B - 1))), and at the limit the exponent is 0.
 *
 * Units that have had their outcome stay in the share. To leave them out, as the log-rank test does, supposes that those left may still have
 * one: where outcomes come at once they do not, new units come in their full share, and the evidence grows of itself.
 */
import { checkCells } from './check-cells.ts';
import { combineStages } from './combine-stages.ts';
import { addOutcomes, logWorth, type Mixture } from './rate-mixture.ts';
import type { RatePlan } from './rate-plan.ts';
import { NO_TOTALS, type RateState, type StageRecord, type Totals } from './rate-state.ts';
import type { CountsCell } from './statistics.ts';
import type { UnhealthyReason } from './verdict.ts';

/** Cells that are open at once: beyond it the oldest are closed early. */
export const MAX_OPEN_CELLS = 48;
const MINUTE_MS = 60_000;

export interface CountsReport {
  /** The stage that the ramp is in. */
  readonly stage: number;
  /** Cumulative, merged over shards (`merge.ts`); those that are closed may be left out. */
  readonly cells: readonly CountsCell[];
  /** Up to when telemetry is complete. */
  readonly now: number;
}

export interface RateLook {
  readonly state: RateState;
  /** Why this look was not counted, and the state left as it was; null where it was. */
  readonly trouble: UnhealthyReason | null;
}

export function observeRates(plan: RatePlan, state: RateState, report: CountsReport): RateLook {
  const trouble = checkReport(plan, state, report);
  if (trouble !== null) return { state, trouble };
  const fresh = report.cells.filter(({ minute }) => minute >= state.closedBefore);
  for (let at = 0; at < fresh.length; at++) {
    const cell = fresh[at] as CountsCell;
    if (placeOf(cell, fresh) !== at) return { state, trouble: 'impossible-count' };
    if (hasDecreased(state.open[placeOf(cell, state.open)], cell)) return { state, trouble: 'counts-decreased' };
  }
  return { state: fold(plan, state, fresh, report), trouble: null };
}

function checkReport(plan: RatePlan, state: RateState, { stage, cells, now }: CountsReport): UnhealthyReason | null {
  if (!Number.isFinite(now)) return 'not-finite';
  if (now < state.at) return 'clock-backwards';
  if (plan.gates[stage] === undefined) return 'unknown-stage';
  return checkCells(cells, plan.stages.length, now);
}

/** Of the first cell of that minute and revision, or -1: a few dozen at most, so that looking through them is quickest. */
function placeOf({ minute, revision }: CountsCell, cells: readonly CountsCell[]): number {
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] as CountsCell;
    if (cell.minute === minute && cell.revision === revision) return at;
  }
  return -1;
}

const hasDecreased = (old: CountsCell | undefined, { treatment, control, stage }: CountsCell): boolean =>
  old !== undefined &&
  (stage !== old.stage ||
    treatment.exposures < old.treatment.exposures ||
    treatment.outcomes < old.treatment.outcomes ||
    control.exposures < old.control.exposures ||
    control.outcomes < old.control.outcomes);

function fold(plan: RatePlan, state: RateState, cells: readonly CountsCell[], { stage, now }: CountsReport): RateState {
  const gate = state.stage === stage ? state.gate.slice() : (plan.gates[stage] as Mixture).ratios.map(() => 0);
  const drafts = new Map(state.records.map((record) => [record.stage, draftOf(record)]));
  const open = state.open.slice();
  for (const cell of cells) {
    const draft = drafts.get(cell.stage) ?? newDraft(plan, cell.stage);
    drafts.set(cell.stage, draft);
    const place = placeOf(cell, open);
    addCell(plan, draft, cell.stage === stage ? gate : undefined, open[place], cell);
    open[place === -1 ? open.length : place] = cell;
  }
  const closedBefore = closingMinute(plan, state, open, now);
  for (const cell of open) if (cell.minute < closedBefore) settle(drafts.get(cell.stage) as Draft, cell);
  const records = [...drafts.values()].sort((a, b) => a.stage - b.stage).map((draft) => recordOf(plan, draft));
  const touched = [...drafts.values()].some((draft) => draft.touched);
  const evidence = touched || state.stage === -1 ? combined(plan, records) : state.evidence;
  return {
    at: now,
    stage,
    gate,
    records,
    open: open.filter(({ minute }) => minute >= closedBefore),
    closedBefore,
    evidence,
    peak: Math.max(state.peak, evidence),
  };
}

/** A record while it is added to; `harm` is copied when it is first. */
type Draft = { -readonly [K in keyof StageRecord]: StageRecord[K] } & { harm: number[]; touched: boolean };

const draftOf = (record: StageRecord): Draft => ({ ...record, harm: record.harm as number[], touched: false });

const newDraft = (plan: RatePlan, stage: number): Draft => ({
  stage,
  harm: plan.harm.ratios.map(() => 0),
  evidence: 0,
  totals: NO_TOTALS,
  settled: NO_TOTALS,
  moments: { treated: 0, outcomes: 0, shares: 0, squares: 0 },
  touched: false,
});

function addCell(
  plan: RatePlan,
  draft: Draft,
  gate: number[] | undefined,
  old: CountsCell | undefined,
  cell: CountsCell,
): void {
  const { treatment, control } = cell;
  const treated = treatment.outcomes - (old?.treatment.outcomes ?? 0);
  const all = treated + control.outcomes - (old?.control.outcomes ?? 0);
  draft.totals = added(draft.totals, cell, old);
  if (all === 0) return;
  const share = treatment.exposures / (treatment.exposures + control.exposures);
  if (!draft.touched) draft.harm = draft.harm.slice();
  draft.touched = true;
  addOutcomes(draft.harm, plan.harm, treated, all, share);
  if (gate !== undefined) addOutcomes(gate, plan.gates[draft.stage] as Mixture, treated, all, share);
  const { moments } = draft;
  draft.moments = {
    treated: moments.treated + treated,
    outcomes: moments.outcomes + all,
    shares: moments.shares + all * share,
    squares: moments.squares + all * share * share,
  };
}

const added = (totals: Totals, { treatment, control }: CountsCell, old: CountsCell | undefined): Totals => ({
  treated: totals.treated + treatment.exposures - (old?.treatment.exposures ?? 0),
  treatedOutcomes: totals.treatedOutcomes + treatment.outcomes - (old?.treatment.outcomes ?? 0),
  control: totals.control + control.exposures - (old?.control.exposures ?? 0),
  controlOutcomes: totals.controlOutcomes + control.outcomes - (old?.control.outcomes ?? 0),
});

function settle(draft: Draft, cell: CountsCell): void {
  draft.settled = added(draft.settled, cell, undefined);
}

/** The minute before which cells are closed; it never goes back. */
function closingMinute(plan: RatePlan, state: RateState, open: readonly CountsCell[], now: number): number {
  const closing = Math.max(state.closedBefore, Math.floor(now / MINUTE_MS) - plan.attributionMinutes);
  if (open.length <= MAX_OPEN_CELLS) return closing;
  const minutes = open.map(({ minute }) => minute).filter((minute) => minute >= closing);
  if (minutes.length <= MAX_OPEN_CELLS) return closing;
  return (minutes.sort((a, b) => b - a)[MAX_OPEN_CELLS] as number) + 1;
}

function recordOf(plan: RatePlan, { touched, ...record }: Draft): StageRecord {
  return touched ? { ...record, evidence: logWorth(record.harm, plan.harm) } : record;
}

/** ln of weight x (1/2 E_rollout + 1/2 mean of E_stage). */
function combined(plan: RatePlan, records: readonly StageRecord[]): number {
  const whole = plan.harm.ratios.map((_, at) => records.reduce((sum, { harm }) => sum + (harm[at] as number), 0));
  const stages = records.map(({ evidence }) => evidence);
  return plan.logWeight + combineStages(logWorth(whole, plan.harm), stages, plan.stages.length);
}
