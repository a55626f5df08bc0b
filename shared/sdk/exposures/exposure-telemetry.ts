/** The client's telemetry: what was served and what came of it goes to an emitter, and so to ingest. */
import type { Place } from '#core/context';
import type { Emitter } from '#exposure/emitter';
import type { OutcomeSource } from '#exposure/exposure';
import type { Telemetry } from '#sdk/client/telemetry';

/** The client gives its telemetry two seconds: what has not arrived by then is to lie in the spill. */
const CLOSE_MS = 1_500;

/** `place`: where outcomes are said to be from. */
export const createExposureTelemetry = (emitter: Emitter, source: OutcomeSource, place: Place = {}): Telemetry => ({
  evaluated: emitter.evaluated,
  record(event) {
    switch (event.type) {
      case 'served':
        emitter.served(event);
        return;
      case 'tracked': {
        const { type: _, details: { id } = {}, ...outcome } = event;
        emitter.tracked({ ...place, ...outcome, ...(typeof id === 'string' && { id }), source });
        return;
      }
      default:
        event satisfies never;
    }
  },
  async flush() {
    await emitter.close(CLOSE_MS);
  },
});
