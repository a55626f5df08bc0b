/** Organisations of several sizes take turns, a change each, so that the machine's noise, and what one leaves of the caches, falls on all alike. */
import { median } from '../report/rows.ts';
import { createRandom, type Random } from '../workload/random.ts';
import { type ControlCase, SIZES, type Size, STAGES } from './cases.ts';
import { countCompilations } from './compilations.ts';
import { readMarketplace } from './marketplace.ts';
import { type Organisation, openOrganisation, type Times } from './organisation.ts';

export interface ControlRow {
  readonly case: ControlCase;
  readonly subject: 'lockstep' | 'floor';
  /** The median. */
  readonly ns: number;
}

export interface ControlFigures {
  readonly rows: readonly ControlRow[];
  /** Of the long log. */
  readonly entries: number;
  /** Flags and segments compiled for one change, at the most. */
  readonly compiled: number;
  /** Entries of the payload that are other objects behind one change, at the most. */
  readonly replaced: number;
}

const FLAGS: Readonly<Record<Size, number>> = { '10': 10, '1000': 1_000, '5000': 5_000, late: 1_000 };
/** Until the optimising compiler has had its say. */
const WARMING = 150;
const COUNTED = 10;

export async function measureControl(quick: boolean): Promise<ControlFigures> {
  const marketplace = await readMarketplace();
  const organisations = new Map<Size, Organisation>();
  try {
    for (const size of SIZES) organisations.set(size, await openOrganisation(marketplace, FLAGS[size]));
    const late = organisations.get('late') as Organisation;
    for (const length = quick ? 2_000 : 100_000; late.entries() < length; ) await late.change();
    const times = await takeTurns(organisations, quick ? 60 : 400);
    const counts = await countAll(organisations);
    return { rows: rowsOf(times), entries: late.entries(), ...counts };
  } finally {
    for (const organisation of organisations.values()) organisation.close();
  }
}

async function takeTurns(
  organisations: ReadonlyMap<Size, Organisation>,
  changes: number,
): Promise<ReadonlyMap<Size, readonly Times[]>> {
  const random = createRandom(changes);
  const times = new Map<Size, Times[]>([...organisations.keys()].map((size) => [size, []]));
  for (let turn = -WARMING; turn < changes; turn++) {
    for (const [size, organisation] of shuffled([...organisations], random)) {
      const found = await organisation.change();
      if (turn >= 0) times.get(size)?.push(found);
    }
  }
  return times;
}

/** What comes first each time finds other caches than what comes last. */
const shuffled = <T>(all: readonly T[], random: Random): readonly T[] =>
  all
    .map((one) => [random.below(1_000_000), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);

async function countAll(organisations: ReadonlyMap<Size, Organisation>) {
  let [compiled, replaced] = [0, 0];
  for (const organisation of organisations.values()) {
    organisation.replacedEntries();
    for (let change = 0; change < COUNTED; change++) {
      compiled = Math.max(compiled, await countCompilations(() => organisation.change()));
      replaced = Math.max(replaced, organisation.replacedEntries());
    }
  }
  // What counts nothing would be content with anything.
  if (compiled === 0 || replaced === 0) throw new Error('no compilation was counted');
  return { compiled, replaced };
}

function rowsOf(times: ReadonlyMap<Size, readonly Times[]>): ControlRow[] {
  const nsOf = (size: Size, what: keyof Times): number =>
    Math.round(median((times.get(size) ?? []).map((one) => one[what])));
  return STAGES.flatMap((stage) =>
    SIZES.flatMap((size): ControlRow[] => {
      const name = `control-${stage}-${size}` as const;
      const row = { case: name, subject: 'lockstep', ns: nsOf(size, stage) } as const;
      return stage === 'command' ? [row, { ...row, subject: 'floor', ns: nsOf(size, 'floor') }] : [row];
    }),
  );
}
