/**
 * Whose keys the POP takes: those of the keys document, an item of EdgeKV beside the view, and the deployment's own (docs/sdk-keys.md).
 * Nothing runs behind an event, so whoever finds the document old reads it before the answer. What is held goes on where EdgeKV is dark.
 */
import { findIssued } from '#http/issued-keys';
import { UNAUTHORIZED, UNHEARD } from '#http/pop-refusals';
import type { Reply } from '#http/reply';
import { createKeyRingOf, type KeyRecord, type KeyRing } from '#http/sdk-keys';
import { KEYS_VIEW } from '#ruleset/keys-environment';
import type { RulesetReader } from '#ruleset/reader';
import type { Subtle } from '#ruleset/web-crypto';
import type { Lockstep } from './lockstep.ts';
import { type HighestVersion, MISSING, type ViewStatus } from './view-source.ts';

/**
 * Of the 60 s in which a revoked key stops, control and publisher have 10 and EdgeKV about as many: with these 20 there are 20 left for an
 * EdgeKV that takes longer. From the revalidation on one event a second asks; past the bound, each that finds it so.
 */
export const KEYS_BOUND_MS = 20_000;
export const KEYS_REVALIDATE_MS = 10_000;

export interface PopKeys {
  /** The record of the key that a request carries; undefined where it carries none that is valid. One sub-request at most, and a word of its use. */
  recordOf: KeyRing['recordOf'];
  /** What those are told who have no record. */
  refusal(): Reply;
  status(): ViewStatus;
}

export interface PopKeysOptions {
  readonly highest: HighestVersion;
  readonly subtle: Pick<Subtle, 'digest'>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Told of each use of a key that was issued; undefined where nobody wants to hear of it. */
  readonly used: ((sha256: string) => void) | undefined;
}

export function createPopKeys(
  { open }: Pick<Lockstep, 'open'>,
  fixed: readonly KeyRecord[],
  { highest, subtle, now, used }: PopKeysOptions,
): PopKeys {
  const { current, status } = open({
    ...{ name: KEYS_VIEW, highest },
    ...{ staleAfterMs: KEYS_BOUND_MS, revalidateAfterMs: KEYS_REVALIDATE_MS, retryMissingMs: KEYS_REVALIDATE_MS },
  });
  let document: RulesetReader | undefined;
  /** Whether EdgeKV ever said which keys there are, or that there is no document. */
  let isKnown = false;
  const { recordOf } = createKeyRingOf(
    findIssued(fixed, () => document, now),
    subtle,
  );
  return {
    async recordOf(request) {
      const { view, fault } = await current();
      document = view?.reader;
      isKnown ||= view !== undefined || fault === MISSING;
      const record = await recordOf(request);
      if (record?.issued) used?.(record.sha256);
      return record;
    },
    refusal: () => (isKnown ? UNAUTHORIZED : UNHEARD),
    status,
  };
}
