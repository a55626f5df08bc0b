/** Time stands still within an event. Source: techdocs.akamai.com/edgeworkers/docs/specifications, "System Time". */
import { bridge } from './bridge.js';

const Moving = Date;

function Frozen(...parts: unknown[]): unknown {
  if (new.target === undefined) return new Moving(bridge.now()).toString();
  return Reflect.construct(Moving, parts.length === 0 ? [bridge.now()] : parts, new.target);
}

/** Puts it in the place of the realm's own. */
export function freezeDate(): void {
  Object.defineProperties(Frozen, {
    name: { value: 'Date' },
    length: { value: Moving.length },
    prototype: { value: Moving.prototype, writable: false },
    now: { value: () => bridge.now(), writable: true, configurable: true },
    parse: { value: Moving.parse, writable: true, configurable: true },
    UTC: { value: Moving.UTC, writable: true, configurable: true },
  });
  Object.defineProperty(Moving.prototype, 'constructor', { value: Frozen, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'Date', { value: Frozen, writable: true, configurable: true });
}
