/** All parts, and what was found of them by the names of their cells. */
import { CONVERSION, type ConversionFigures } from './conversion.ts';
import { DETECTION, type DetectionFigures } from './detection.ts';
import { FALSE_ROLLBACKS } from './false-rollbacks.ts';
import { GATES, type GateFigures } from './gates.ts';
import { LATENCY, type LatencyFigures } from './latency.ts';
import { MUCH_FAILING, type MuchFailingFigures } from './much-failing.ts';
import type { NullFigures } from './null-ramp.ts';
import { POINTS, type PointFigures } from './points.ts';
import { type Found, runPart } from './run-part.ts';
import type { Store } from './store.ts';
import { UNITS, type UnitFigures } from './units.ts';
import { WATCH, type WatchFigures } from './watch.ts';

export interface Results {
  readonly detection: Found<DetectionFigures>;
  readonly gates: Found<GateFigures>;
  readonly latency: Found<LatencyFigures>;
  readonly conversion: Found<ConversionFigures>;
  readonly watch: Found<WatchFigures>;
  readonly units: Found<UnitFigures>;
  readonly points: Found<PointFigures>;
  readonly ramps: Found<NullFigures>;
  readonly muchFailing: Found<MuchFailingFigures>;
}

export async function runAll(quick: boolean, store: Store | null, say: (text: string) => void): Promise<Results> {
  return {
    detection: await runPart(DETECTION, quick, store, say),
    gates: await runPart(GATES, quick, store, say),
    ramps: await runPart(FALSE_ROLLBACKS, quick, store, say),
    muchFailing: await runPart(MUCH_FAILING, quick, store, say),
    latency: await runPart(LATENCY, quick, store, say),
    conversion: await runPart(CONVERSION, quick, store, say),
    watch: await runPart(WATCH, quick, store, say),
    units: await runPart(UNITS, quick, store, say),
    points: await runPart(POINTS, quick, store, say),
  };
}
