/** What users of the marketplace do: they look at a page, see prices, and some of them check out. The same for the same seed. */
import type { Dice } from './dice.ts';

export interface Visit {
  readonly user: string;
  readonly steps: readonly Step[];
}

export type Step =
  /** A page at a POP. */
  | (Asking & { readonly kind: 'look' })
  /** What a service charges. */
  | (Asking & { readonly kind: 'prices' })
  | (Asking & { readonly kind: 'check-out'; readonly order: string; readonly card: Card });

export interface Asking {
  /** Of POPs or services, by number: the next is asked where one does not answer. */
  readonly places: readonly number[];
  readonly manner: Manner;
  /** When whoever hangs up does so (milliseconds). */
  readonly patienceMs: number;
}

/** `again`: it is asked once more elsewhere, though there was an answer. `hang-up`: the first answer is not waited for. */
export type Manner = 'once' | 'again' | 'hang-up';

export type Card = 'approved' | 'declined';

export interface VisitOptions {
  readonly dice: Dice;
  readonly seed: number;
  readonly users: number;
  /** How many there are. */
  readonly pops: number;
  readonly services: number;
}

/** Without end. */
export function* visitsOf(options: VisitOptions): Generator<Visit> {
  const { dice, seed, users } = options;
  for (let at = 0; ; at++) {
    // A few come often, and most once or twice.
    const number = dice.chance(0.3) ? dice.int(Math.ceil(users / 20)) : dice.int(users);
    yield { user: `traveller-${seed}-${number}`, steps: stepsOf(options, number, `order-${seed}-${at}`) };
  }
}

function stepsOf({ dice, pops, services }: VisitOptions, home: number, order: string): Step[] {
  const steps: Step[] = [];
  if (pops > 0) steps.push({ kind: 'look', ...asking(dice, home, pops) });
  if (services === 0 || dice.chance(0.3)) return steps;
  steps.push({ kind: 'prices', ...asking(dice, home, services) });
  if (dice.chance(0.6)) return steps;
  const card = dice.chance(0.2) ? 'declined' : 'approved';
  steps.push({ kind: 'check-out', order, card, ...asking(dice, home, services) });
  // Another card, as one does.
  if (card === 'declined' && dice.chance(0.5))
    steps.push({ kind: 'check-out', order: `${order}-2`, card: 'approved', ...asking(dice, home, services) });
  return steps;
}

/** At home mostly; sometimes abroad. */
function asking(dice: Dice, home: number, count: number): Asking {
  const first = dice.chance(0.15) ? dice.int(count) : home % count;
  const places = Array.from({ length: count }, (_, at) => (first + at) % count);
  const percent = dice.int(100);
  const manner = percent < 88 ? 'once' : percent < 95 ? 'again' : 'hang-up';
  return { places, manner, patienceMs: dice.int(25) };
}
