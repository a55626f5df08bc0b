/** What has left emitters, as their way to ingest sees it pass. */
import { createHmac } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

export interface Arrivals {
  /** A beacon passes, of the emitter with that number. */
  pass(emitter: number, body: Uint8Array, isZipped: boolean): void;
  hasExposure(emitter: number, user: string, flag: string): boolean;
  hasOutcome(user: string, metric: string): boolean;
  /** Exposures that are none, each once. */
  bad(): number;
}

interface Beacon {
  readonly events: readonly { readonly flag: string; readonly unit: string }[];
  readonly outcomes?: readonly { readonly name: string; readonly unit: string }[];
}

/** `flags`: those that count. */
export function createArrivals(unitKey: string, flags: readonly string[], metrics: readonly string[]): Arrivals {
  const key = Buffer.from(unitKey, 'base64url');
  /** By unit, a bit for each emitter and flag. */
  const exposures = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const bad = new Set<string>();

  /** As docs/exposures.md has it. */
  const unitOf = (user: string): string =>
    createHmac('sha256', key).update(`user\0${user}`).digest().subarray(0, 16).toString('base64url');

  const set = (bits: Map<string, number>, unit: string, bit: number): void =>
    void bits.set(unit, (bits.get(unit) ?? 0) | (1 << bit));
  const isSet = (bits: Map<string, number>, unit: string, bit: number): boolean =>
    ((bits.get(unit) ?? 0) & (1 << bit)) !== 0;

  return {
    pass(emitter, body, isZipped) {
      const text = (isZipped ? gunzipSync(body) : Buffer.from(body)).toString();
      const { events, outcomes: told = [] } = JSON.parse(text) as Beacon;
      for (const { flag, unit } of events) {
        const at = flags.indexOf(flag);
        if (at < 0) bad.add(unit);
        else set(exposures, unit, emitter * flags.length + at);
      }
      for (const { name, unit } of told) set(outcomes, unit, metrics.indexOf(name));
    },
    hasExposure: (emitter, user, flag) => isSet(exposures, unitOf(user), emitter * flags.length + flags.indexOf(flag)),
    hasOutcome: (user, metric) => isSet(outcomes, unitOf(user), metrics.indexOf(metric)),
    bad: () => bad.size,
  };
}
