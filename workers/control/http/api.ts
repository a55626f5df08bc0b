/** What the routes are given: one organisation, and what else may know something about a request. */
import type { Control } from '../control.ts';
import type { FactPorts } from '../find-facts.ts';
import type { KeyUsePort } from '../key-use-port.ts';

export interface Api {
  /** Its name, as it stands in tokens. */
  readonly organisation: string;
  readonly control: Control;
  readonly ports: FactPorts;
  readonly keyUse: KeyUsePort;
  /** The keys that checkpoints are verified with, as text (docs/audit.md). */
  readonly noteKeys: readonly string[];
  /** The keys that webhooks verify what they are sent with, as text. */
  readonly webhookKeys: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
}
