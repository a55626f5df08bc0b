/** Whole ramps of a flag that does nothing, or that is just within its limit: how often is it rolled back all the same? */
import { observeRates } from '#rollout/evidence/observe-rates';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { fires, PEERS, type Peer } from './peers.ts';
import { createRandom } from './random.ts';
import { createTotals } from './stage-totals.ts';
import { cellOf, createStream, type Phase } from './stream.ts';
import { upperBound } from './summary.ts';
import { type WeatherKind, weatherOf } from './weather.ts';

export const RAMP = [1, 5, 25, 50, 100] as const;
export const LOOK_SECONDS = 10;
export const BAKE_SECONDS = 1_200;
export const ALPHA = 0.01;
/** Served of the stage written 100, for the first half of its bake. */
const HOLDBACK_SHARE = 0.95;

export interface NullCell {
  readonly traffic: number;
  readonly base: number;
  readonly delay: number;
  readonly effect: number;
  readonly weather: WeatherKind;
}

/** How many of the ramps were rolled back, by rule; `pooled`: the literal reading of totals over all stages. */
export interface NullFigures {
  readonly runs: number;
  readonly ours: number;
  readonly upper: number;
  readonly peers: Readonly<Record<Peer | 'pooled', number>>;
}

const PLAN = ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: RAMP, alpha: ALPHA });

export function runNullCell(name: string, cell: NullCell, runs: number): NullFigures {
  let ours = 0;
  const peers: Record<Peer | 'pooled', number> = { literal: 0, z05: 0, z01: 0, msprt: 0, sequence: 0, pooled: 0 };
  for (let run = 0; run < runs; run++) {
    const fired = runRamp(`${name}/${run}`, cell);
    for (const rule of fired)
      if (rule === 'ours') ours++;
      else peers[rule]++;
  }
  return { runs, ours, upper: upperBound(ours, runs), peers };
}

type Rule = Peer | 'pooled' | 'ours';

/** The rules that rolled the ramp back. */
function runRamp(name: string, { effect, weather, ...traffic }: NullCell): ReadonlySet<Rule> {
  const random = createRandom(name);
  const seconds = RAMP.length * BAKE_SECONDS;
  const stream = createStream({
    ...traffic,
    random,
    lookSeconds: LOOK_SECONDS,
    weather: weatherOf(weather, random, seconds),
  });
  const totals = createTotals();
  const fired = new Set<Rule>();
  let state = emptyRateState();
  for (let second = 0; second < seconds; second += LOOK_SECONDS) {
    const phase = phaseAt(second, effect);
    const changed = stream.look(phase);
    if (changed.length === 0) continue;
    const look = observeRates(PLAN, state, {
      stage: phase.stage,
      cells: changed.map(cellOf),
      now: 1_000 * (second + LOOK_SECONDS),
    });
    if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
    state = look.state;
    if (state.peak >= -Math.log(ALPHA)) fired.add('ours');
    totals.add(changed);
    const own = totals.of(phase.stage);
    for (const peer of PEERS) if (!fired.has(peer) && fires(peer, own)) fired.add(peer);
    if (!fired.has('pooled') && fires('literal', totals.all)) fired.add('pooled');
  }
  return fired;
}

function phaseAt(second: number, effect: number): Phase {
  const stage = Math.floor(second / BAKE_SECONDS);
  if (stage < RAMP.length - 1) return { stage, revision: stage + 1, share: (RAMP[stage] as number) / 100, effect };
  const held = second % BAKE_SECONDS < BAKE_SECONDS / 2;
  return { stage, revision: held ? stage + 1 : stage + 2, share: held ? HOLDBACK_SHARE : 1, effect };
}
