/** What goes between the host and the sandbox's process. */
import type { EventInput, EventName, EventOutcome, HeaderLines } from '../event.ts';
import type { TierLimits } from '../tiers.ts';
import type { InstancePolicy } from './instances.ts';
import type { MemoryMeasure } from './meter.ts';
import type { NetworkRequest } from './sub-requests.ts';

export interface SandboxSettings {
  readonly scripts: Readonly<Record<string, string>>;
  readonly limits: TierLimits;
  readonly instances: InstancePolicy;
  readonly memory: MemoryMeasure;
  /** CPU limits are this much wider: what a hypervisor takes from a thread counts as the thread's. */
  readonly cpuSlack: number;
  /** Of the choice of instances. */
  readonly seed: number;
  /** In milliseconds since 1970. */
  readonly now: number;
}

export type ToSandbox =
  | { readonly kind: 'start'; readonly settings: SandboxSettings }
  | {
      readonly kind: 'event';
      readonly id: number;
      readonly event: EventName;
      readonly input: EventInput;
      readonly now: number;
    }
  | { readonly kind: 'head'; readonly id: number; readonly status: number; readonly headers: HeaderLines }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'fail'; readonly id: number; readonly message: string };

export type FromSandbox =
  | { readonly kind: 'ready'; readonly handlers: readonly EventName[] }
  | { readonly kind: 'refused'; readonly code: 'EW1108' | 'EW1201'; readonly message: string }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: EventOutcome }
  | { readonly kind: 'request'; readonly id: number; readonly request: NetworkRequest }
  | { readonly kind: 'abort'; readonly id: number };
