/** What the host tells the sandbox of an event, and what comes back. Plain data: it crosses between processes. */

export const EVENT_NAMES = [
  'onClientRequest',
  'onOriginRequest',
  'onOriginResponse',
  'onClientResponse',
  'responseProvider',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** In the order in which they came; a name can be there twice. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** Every property can be missing, and is `reserved` for addresses that are. */
export interface UserLocation {
  readonly areaCodes?: readonly string[];
  readonly bandwidth?: string;
  readonly city?: string;
  readonly continent?: string;
  readonly country?: string;
  readonly dma?: string;
  readonly fips?: readonly string[];
  readonly latitude?: string;
  readonly longitude?: string;
  readonly networkType?: string;
  readonly region?: string;
  readonly timezone?: string;
  readonly zipCode?: string;
}

export interface EventRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  readonly headers: HeaderLines;
  readonly clientIp: string;
  readonly cpCode: number;
  /** Null where the contract does not include it. */
  readonly userLocation: UserLocation | null;
  readonly device: Readonly<Record<string, unknown>> | null;
  /** The property's: by name, `PMUSER_` and all. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface EventInput {
  readonly request: EventRequest;
  /** For `onOriginResponse` and `onClientResponse`. */
  readonly response?: { readonly status: number; readonly headers: HeaderLines };
  /** For `responseProvider`. */
  readonly body?: Uint8Array;
}

/** The platform's names. Source: techdocs.akamai.com/edgeworkers/docs/enhanced-debug-header-details. */
export type EventStatus =
  | 'Success'
  | 'GenericError'
  | 'ExecutionError'
  | 'RuntimeError'
  | 'UnimplementedEventHandler'
  | 'TimeoutError'
  | 'WallTimeoutError'
  | 'InitWallTimeoutError'
  | 'CpuTimeoutError'
  | 'InitCpuTimeoutError'
  | 'ResourceLimit';

export interface SubRequestReport {
  /** From 1, per event. */
  readonly id: number;
  readonly method: string;
  readonly url: string;
  /** Absent where it failed. */
  readonly response?: number | 'pending';
  readonly error?: string;
  /** Until the head of the response was there. */
  readonly durationMs?: number;
  /** Waiting for a place among the parallel ones. */
  readonly queuedMs?: number;
}

export interface EventReport {
  readonly event: EventName;
  readonly status: EventStatus;
  /** `-` where there is nothing to say. */
  readonly statusMessage: string;
  /** Of the instance that was made for this event; 0 where one was there. In milliseconds, as are all times. */
  readonly initWallMs: number;
  readonly initCpuMs: number;
  readonly wallMs: number;
  /** As on the reference machine: what was measured, divided by `machineFactor`. */
  readonly cpuMs: number;
  readonly machineFactor: number;
  readonly memoryBytes: number;
  /** As in the platform's log headers. */
  readonly log: string;
  readonly subRequests: readonly SubRequestReport[];
  /** Limits that were hit, also those that the handler survived. */
  readonly excesses: readonly string[];
  /** Which instance of its process ran it, counted from 1. */
  readonly instance: number;
}

export interface BuiltResponse {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly denyReason?: string;
}

/** What an `onClientRequest` said of the cache key, in order. */
export type CacheKeyRule =
  | { readonly rule: 'excludeQueryString' | 'includeQueryString' }
  | {
      readonly rule: 'includeQueryArgument' | 'includeCookie' | 'includeHeader' | 'includeVariable';
      readonly name: string;
    };

export interface Route {
  readonly origin?: string;
  readonly path?: string;
  readonly query?: string;
}

export interface EventEffects {
  /** Those that were set, with their last values. */
  readonly variables: Readonly<Record<string, string>>;
  /** As the request has them now. */
  readonly requestHeaders: HeaderLines;
  readonly cacheKey: readonly CacheKeyRule[];
  readonly route?: Route;
  readonly responded?: BuiltResponse & { readonly body: string };
  /** As it is now. */
  readonly response?: { readonly status: number; readonly headers: HeaderLines };
  /** Of a `responseProvider`; the body is beside it. */
  readonly provided?: BuiltResponse;
}

export interface EventOutcome {
  readonly report: EventReport;
  /** Absent where the event failed: nothing that it did counts. */
  readonly effects?: EventEffects;
  /** What a `responseProvider` has sent: cut short where it failed underway. */
  readonly body?: Uint8Array;
}
