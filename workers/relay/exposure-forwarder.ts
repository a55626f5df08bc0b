/**
 * Exposures on their way to ingest. What is good is taken into custody, where there is a disk; the rest goes on with the sender's own key,
 * and only ingest's word counts as taken. What is held meanwhile is bounded; past it senders are asked to keep theirs for a while.
 */
import { boundedBytes } from '#http/bounded-bytes';
import type { Reply } from '#http/reply';
import { MAX_BEACON_SENT } from '#schema/exposure-limits';
import type { ExposureCustody } from './exposure-custody.ts';
import { BEACON_TOO_LARGE, INGEST_SILENT, NO_INGEST, TOO_MANY_BEACONS } from './refusals.ts';

export interface ExposureForwarderOptions {
  /** An origin; undefined where there is none. */
  readonly ingestUrl: string | undefined;
  /** Undefined where nothing is kept. */
  readonly custody: Pick<ExposureCustody, 'take'> | undefined;
  readonly fetch: typeof globalThis.fetch;
}

export type ForwardExposures = (request: Request) => Promise<Reply>;

/** Of beacons that ingest has not answered yet. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 10_000;
/** Ingest's answers are short; its verdicts on a thousand events are the longest. */
const MAX_ANSWER = 256 * 1024;

export function createExposureForwarder({ ingestUrl, custody, fetch }: ExposureForwarderOptions): ForwardExposures {
  let held = 0;

  return async (request) => {
    if (ingestUrl === undefined) return NO_INGEST;
    const told = Number(request.headers.get('content-length') ?? MAX_BEACON_SENT);
    const room = Math.min(Number.isNaN(told) ? MAX_BEACON_SENT : told, MAX_BEACON_SENT);
    if (held + room > MAX_HELD_BYTES) return TOO_MANY_BEACONS;
    held += room;
    try {
      const body = await boundedBytes(request, MAX_BEACON_SENT);
      if (body === undefined) return BEACON_TOO_LARGE;
      const kept = await custody?.take(body, request.headers);
      return kept ?? (await send(`${ingestUrl}/v1/exposures`, request.headers, body));
    } finally {
      held -= room;
    }
  };

  async function send(url: string, headers: Headers, body: Uint8Array): Promise<Reply> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: named(headers, ['authorization', 'x-api-key', 'content-type', 'content-encoding']),
        body: body as Uint8Array<ArrayBuffer>,
        // The key is for this ingest alone.
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await response.text();
      if (text.length > MAX_ANSWER) return INGEST_SILENT;
      return { status: response.status, headers: named(response.headers, ['content-type', 'retry-after']), body: text };
    } catch {
      return INGEST_SILENT;
    }
  }
}

function named(headers: Headers, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
