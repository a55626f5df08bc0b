/** Who opens a stream, and what it has already: from the request's headers, bounded and strict. */
import type { HeaderValues } from '#http/reply';
import { type Position, readPosition } from '#ruleset/position';
import { ok, type Result, refused } from '#schema/result';
import { INSTANCE_PATTERN, LOCATION_PATTERN, SDK_PATTERN } from '#schema/stream-limits';

export interface Hello {
  readonly instance: string;
  readonly kind: 'relay' | 'sdk';
  readonly region: string;
  readonly cloud: string;
  readonly sdk: string;
  /** It asks to be given everything first. */
  readonly isCanary: boolean;
  /** What it has, by its own account. */
  readonly has?: Position;
}

/** Refused with the header to mend. A `Last-Event-ID` that is none is no reason: it is then told everything. */
export function readHello(headers: HeaderValues): Result<Hello, string> {
  const instance = headers.get('lockstep-instance') ?? '';
  if (!INSTANCE_PATTERN.test(instance)) {
    return refused('send Lockstep-Instance: 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-", one a process');
  }
  const kind = headers.get('lockstep-kind') ?? 'sdk';
  if (kind !== 'relay' && kind !== 'sdk') return refused('Lockstep-Kind must be relay or sdk');
  const [region, cloud] = [headers.get('lockstep-region') ?? '', headers.get('lockstep-cloud') ?? ''];
  if (!LOCATION_PATTERN.test(region)) return refused(`Lockstep-Region ${LOCATION}`);
  if (!LOCATION_PATTERN.test(cloud)) return refused(`Lockstep-Cloud ${LOCATION}`);
  const sdk = headers.get('lockstep-sdk') ?? '';
  if (!SDK_PATTERN.test(sdk)) return refused(`Lockstep-Sdk ${LOCATION}`);
  const has = readPosition(headers.get('last-event-id'));
  const isCanary = headers.get('lockstep-canary') === '1';
  return ok({ instance, kind, region, cloud, sdk, isCanary, ...(has && { has }) });
}

const LOCATION = 'must be at most 64 printable ASCII characters';
