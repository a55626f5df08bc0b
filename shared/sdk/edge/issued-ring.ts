/** SDK keys as they are in force when a request comes: by the keys document, or by the settings (`issued-keys.ts`). */
import { findIssued } from '#http/issued-keys';
import { createKeyRingOf, type KeyKind, type KeyRecord } from '#http/sdk-keys';
import type { KeysSource } from './keys-source.ts';
import type { Behind } from './runtime.ts';

export interface IssuedRing<Kind extends string = KeyKind> {
  /** The record of a key that was seen before, where nothing need be waited for; undefined for any other. */
  atOnce(request: Request): KeyRecord<Kind> | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(request: Request, behind: Behind): Promise<KeyRecord<Kind> | undefined>;
}

export function createIssuedRing<Kind extends string>(
  issued: KeysSource,
  fixed: readonly KeyRecord<Kind | KeyKind>[],
): IssuedRing<Kind | KeyKind> {
  const ring = createKeyRingOf(findIssued(fixed, issued.document, issued.now), crypto.subtle);
  return {
    atOnce: (request) => (issued.isYoung() ? ring.remembered(request.headers) : undefined),
    async recordOf(request, behind) {
      if (!issued.isYoung()) await issued.refreshed(behind);
      return ring.recordOf(request);
    },
  };
}
