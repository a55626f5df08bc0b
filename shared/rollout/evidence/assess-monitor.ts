/** The verdict of a monitor: someone else's threshold, in its vendor's words. Only an unambiguous OK passes, only an alert breaches. */
import type { StateReading } from './statistics.ts';
import { fail, inconclusive, noData, pass, unhealthy, type Verdict } from './verdict.ts';

type Meaning = 'ok' | 'alert' | 'warn' | 'nothing';

/** Datadog's monitor states and Prometheus' alert states, in lower case. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['ok', 'ok'],
  ['inactive', 'ok'],
  ['alert', 'alert'],
  ['firing', 'alert'],
  ['warn', 'warn'],
  ['pending', 'warn'],
  ['no data', 'nothing'],
  ['unknown', 'nothing'],
  ['skipped', 'nothing'],
  ['ignored', 'nothing'],
]);

export function assessMonitor(reading: StateReading | null, maxAgeMs: number, now: number): Verdict {
  if (reading === null || reading.state === null) return noData('no-reading');
  const { at, state, muted } = reading;
  if (!Number.isFinite(at) || !Number.isFinite(now)) return unhealthy('not-finite');
  if (at > now) return unhealthy('from-the-future');
  if (now - at > maxAgeMs) return unhealthy('stale-reading');
  return verdictOf(MEANINGS.get(state.toLowerCase()), muted);
}

function verdictOf(meaning: Meaning | undefined, muted: boolean): Verdict {
  switch (meaning) {
    // A muted monitor still watches: what it finds bad is bad. That it finds nothing may be why it was muted.
    case 'alert':
      return fail('monitor-alert');
    case 'ok':
      return muted ? unhealthy('monitor-muted') : pass('monitor-ok');
    case 'warn':
      return inconclusive('monitor-warns');
    case 'nothing':
      return noData('monitor-no-data');
    case undefined:
      return unhealthy('unknown-monitor-state');
    default:
      return meaning satisfies never;
  }
}
