/** Who may ask a POP: known by SDK keys, as they are in force when the request comes. */
import { findIssued } from '#http/issued-keys';
import { createKeyRingOf, type KeyRecord } from '#http/sdk-keys';
import type { KeysSource } from '#sdk/edge/keys-source';
import type { Behind, EdgeRuntime } from '#sdk/edge/runtime';
import { unauthorized, unheard } from './refusals.ts';

export interface Admission {
  /** The record of a key that was seen before, where nothing need be waited for; undefined for any other. */
  atOnce(request: Request): KeyRecord | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(request: Request, behind: Behind): Promise<KeyRecord | undefined>;
  /** What those are told who have no record. */
  refusal(): Response;
}

export function createAdmission(
  { source }: Pick<EdgeRuntime, 'source'>,
  issued: KeysSource,
  fixed: readonly KeyRecord[],
): Admission {
  const ring = createKeyRingOf(findIssued(fixed, issued.document, issued.now), crypto.subtle);
  return {
    atOnce: (request) => (issued.isYoung() ? ring.remembered(request.headers) : undefined),
    async recordOf(request, behind) {
      if (!issued.isYoung()) {
        // The ruleset, where it is due as well, is asked for at the same time.
        behind(source.current(behind));
        await issued.refreshed(behind);
      }
      return ring.recordOf(request);
    },
    refusal: () => (issued.isKnown() ? unauthorized() : unheard()),
  };
}
