/** A part of the simulation: cells that are run one by one, each from a seed of its own, so that any may be run alone and anew. */

export interface SimCell<F> {
  /** Also the seed. */
  readonly name: string;
  readonly runs: number;
  readonly run: () => F;
}

export interface Part<F> {
  readonly name: string;
  /** From the root: what it is bundled from to tell whether figures are of the present code. */
  readonly entry: string;
  readonly cells: (quick: boolean) => readonly SimCell<F>[];
}

export const TRAFFICS = [0.5, 5, 50, 500] as const;
export const BASES = [0.001, 0.005, 0.02, 0.1] as const;
export const DELAYS = [0, 60, 300] as const;

export interface Place {
  readonly traffic: number;
  readonly base: number;
  readonly delay: number;
}

/** All of the grid, or of `quick` the few places that show most. */
export function places(quick: boolean): readonly Place[] {
  if (quick) {
    return [
      { traffic: 50, base: 0.02, delay: 0 },
      { traffic: 50, base: 0.02, delay: 300 },
      { traffic: 5, base: 0.1, delay: 60 },
    ];
  }
  return TRAFFICS.flatMap((traffic) => BASES.flatMap((base) => DELAYS.map((delay) => ({ traffic, base, delay }))));
}

export const placeName = ({ traffic, base, delay }: Place): string => `${traffic}/s, ${base * 100} %, ${delay} s`;
