/** What the peers look at: the totals of the present stage, outcomes counted with the stage of their exposure. */
import type { Bin } from './stream.ts';

export interface StageTotals {
  treated: number;
  treatedOutcomes: number;
  control: number;
  controlOutcomes: number;
}

export interface TotalsKeeper {
  readonly add: (changed: readonly Bin[]) => void;
  readonly of: (stage: number) => StageTotals;
  /** Of all stages pooled. */
  readonly all: StageTotals;
}

const none = (): StageTotals => ({ treated: 0, treatedOutcomes: 0, control: 0, controlOutcomes: 0 });

export function createTotals(): TotalsKeeper {
  const known = new Map<Bin, StageTotals>();
  const stages = new Map<number, StageTotals>();
  const all = none();
  const of = (stage: number): StageTotals => {
    const totals = stages.get(stage) ?? none();
    stages.set(stage, totals);
    return totals;
  };
  return { add, of, all };

  function add(changed: readonly Bin[]): void {
    for (const bin of changed) {
      const before = known.get(bin) ?? none();
      for (const totals of [of(bin.stage), all]) {
        totals.treated += bin.treated - before.treated;
        totals.treatedOutcomes += bin.treatedOutcomes - before.treatedOutcomes;
        totals.control += bin.control - before.control;
        totals.controlOutcomes += bin.controlOutcomes - before.controlOutcomes;
      }
      before.treated = bin.treated;
      before.treatedOutcomes = bin.treatedOutcomes;
      before.control = bin.control;
      before.controlOutcomes = bin.controlOutcomes;
      known.set(bin, before);
    }
  }
}
