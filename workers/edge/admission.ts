/** Who may ask a POP: known by SDK keys, as they are in force when the request comes. Their use is told to ingest. */
import type { KeyRecord } from '#http/sdk-keys';
import { createIssuedRing } from '#sdk/edge/issued-ring';
import type { KeysSource } from '#sdk/edge/keys-source';
import type { Behind, EdgeRuntime } from '#sdk/edge/runtime';
import { unauthorized, unheard } from './refusals.ts';

export interface Admission {
  /** The record of a key that was seen before, where nothing need be waited for; undefined for any other. */
  atOnce(request: Request, behind: Behind): KeyRecord | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(request: Request, behind: Behind): Promise<KeyRecord | undefined>;
  /** What those are told who have no record. */
  refusal(): Response;
}

export function createAdmission(
  { source, beacons }: Pick<EdgeRuntime, 'source' | 'beacons'>,
  issued: KeysSource,
  fixed: readonly KeyRecord[],
): Admission {
  const ring = createIssuedRing(issued, fixed);

  function told(record: KeyRecord | undefined, behind: Behind): KeyRecord | undefined {
    const report = record?.issued && beacons?.used(record.sha256);
    if (report) behind(report);
    return record;
  }

  return {
    atOnce: (request, behind) => told(ring.atOnce(request), behind),
    async recordOf(request, behind) {
      // The ruleset, where it is due as well, is asked for at the same time.
      if (!issued.isYoung()) behind(source.current(behind));
      return told(await ring.recordOf(request, behind), behind);
    },
    refusal: () => (issued.isKnown() ? unauthorized() : unheard()),
  };
}
