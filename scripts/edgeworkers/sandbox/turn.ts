/** Whose turn it is in an instance: the event, or the making of the instance, that its code runs for. */
import type { EventName } from '../event.ts';
import type { SubRequest, SubRequestListener } from './realm/bridge.d.ts';

export interface Turn {
  /** Undefined while the instance is made. */
  readonly event: EventName | undefined;
  /** When it began, by the clock that code may see. */
  readonly now: number;
  /** Lets code run for it: what was waited for is there. */
  enter(act: () => void): void;
  log(level: string, text: string): void;
  openSubRequest(request: SubRequest): number | string;
  sendSubRequest(id: number, body: Uint8Array | undefined, listener: SubRequestListener): void;
}
