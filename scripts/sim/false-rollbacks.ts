/** The grid of false rollbacks: a harmless flag in all weathers, everywhere; one that is just within its limit; and each weather alone. */
import { type NullCell, type NullFigures, runNullCell } from './null-ramp.ts';
import { type Part, type Place, placeName, places, type SimCell } from './part.ts';
import { LIMIT } from './peers.ts';
import type { WeatherKind } from './weather.ts';

const RUNS = { whole: 1_000, quick: 60 } as const;
export const WEATHERS: readonly WeatherKind[] = ['calm', 'drift', 'spike', 'region', 'late'];
export const USUAL: Place = { traffic: 50, base: 0.02, delay: 60 };

export const rampName = (cell: NullCell): string => `ramp: ${placeName(cell)}, ${cell.effect}x, ${cell.weather}`;

function cellOf(cell: NullCell, quick: boolean): SimCell<NullFigures> {
  const name = rampName(cell);
  const runs = quick ? RUNS.quick : RUNS.whole;
  return { name, runs, run: () => runNullCell(name, cell, runs) };
}

export const FALSE_ROLLBACKS: Part<NullFigures> = {
  name: 'false rollbacks',
  entry: 'scripts/sim/false-rollbacks.ts',
  cells: (quick) => [
    ...places(quick).map((place) => cellOf({ ...place, effect: 1, weather: 'all' }, quick)),
    ...(quick ? [] : WEATHERS.map((weather) => cellOf({ ...USUAL, effect: 1, weather }, quick))),
    ...places(quick)
      .filter(({ delay }) => delay <= USUAL.delay)
      .map((place) => cellOf({ ...place, effect: LIMIT, weather: 'all' }, quick)),
  ],
};
