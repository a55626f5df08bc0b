/**
 * Tells ingest in which minute issued keys were last used (docs/sdk-keys.md). Nothing runs behind an event, but what one sends and does not
 * wait for goes out all the same: so the beacon costs no answer any time. What ingest said no yes to goes along with the next one; where the
 * platform ends the event before that yes is read, so does what ingest has heard, which it takes as nothing new.
 */
import { wholeMinute } from '#exposure/key-uses';
import type { SettingsReader } from '#http/settings';

/** Where uses are told, and with what key of kind `pop`. */
export interface UsesReceiver {
  /** Of ingest's `/v1/exposures`, behind a property of Akamai's. */
  readonly url: string;
  readonly key: string;
}

/** For `readSettings`; undefined where nobody is to be told. */
export function usesSettings(settings: SettingsReader): UsesReceiver | undefined {
  const url = settings.optional('INGEST_URL');
  return url === undefined ? undefined : { url, key: settings.text('INGEST_KEY') };
}

/** As much of the module `http-request` as is used. */
export type PostRequest = (
  url: string,
  options: {
    readonly method: 'POST';
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly timeout: number;
  },
) => Promise<{ readonly ok: boolean; readonly status: number }>;

export interface KeyUsesOptions {
  readonly httpRequest: PostRequest;
  readonly now: () => number;
  readonly timeoutMs: number;
  /** Told of a beacon that failed. */
  readonly onError: (error: unknown) => void;
}

/** An instance sends one beacon in this time at most. */
const PAUSE_MS = 60_000;
/** Keys whose uses are kept, those that were used last: memory is short, and perhaps nothing ever tells that ingest has heard of one. */
export const MAX_KEPT = 200;

/** What it returns notes a use, by the SHA-256 of the key, and never throws. */
export function createKeyUses(
  { url, key }: UsesReceiver,
  { httpRequest, now, timeoutMs, onError }: KeyUsesOptions,
): (sha256: string) => void {
  const uses = new Map<string, number>();
  let toldAt = -1 / 0;

  async function tell(sha256: string): Promise<void> {
    const told = [...uses];
    const { ok, status } = await httpRequest(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      // The emitter's name only spreads beacons over inboxes: it counts nothing, so it need not be one instance's own.
      body: JSON.stringify({ emitter: `akamai.${sha256}`, sentAt: now(), uses: told, events: [] }),
      timeout: timeoutMs,
    });
    if (!ok) throw new Error(`ingest: HTTP ${status}`);
    // What was noted meanwhile has not been heard.
    for (const [one, minute] of told) if (uses.get(one) === minute) uses.delete(one);
  }

  return (sha256) => {
    const time = now();
    uses.delete(sha256);
    uses.set(sha256, wholeMinute(time));
    if (uses.size > MAX_KEPT) uses.delete(uses.keys().next().value as string);
    // A clock that was set back puts nothing off.
    if (time >= toldAt && time - toldAt < PAUSE_MS) return;
    toldAt = time;
    tell(sha256).catch(onError);
  };
}
