/**
 * The limits. Sources: techdocs.akamai.com/edgeworkers/docs/{resource-tier-limitations,limitations} and the release notes since
 * (respondWith 16,384 characters: 2026-07-31; status and headers of createResponse 16 KB: 2025-10-07).
 */
import type { EventName } from './event.ts';

export type Tier = 'basic' | 'dynamic' | 'enterprise';

export interface EventLimits {
  readonly memoryBytes: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly subRequests: number;
  readonly parallelSubRequests: number;
  readonly subRequestWallMs: number;
  readonly subRequestResponseBytes: number;
}

export interface TierLimits {
  /** As in debug headers. */
  readonly id: number;
  readonly initCpuMs: number;
  readonly initWallMs: number;
  /** Names and values of all that one event sets. */
  readonly variableChars: number;
  /** Of all events but `responseProvider`. */
  readonly handler: EventLimits;
  readonly responseProvider: EventLimits;
}

const MB = 1_048_576;

export const TIERS: Readonly<Record<Tier, TierLimits>> = {
  basic: {
    id: 100,
    initCpuMs: 60,
    initWallMs: 200,
    variableChars: 1_024,
    handler: handlerLimits(1.5, 10, 4_000, 2, 5),
    responseProvider: providerLimits(2, 100, 4_000, 5, 5),
  },
  dynamic: {
    id: 200,
    initCpuMs: 60,
    initWallMs: 500,
    variableChars: 1_024,
    handler: handlerLimits(2.5, 20, 5_500, 4, 5),
    responseProvider: providerLimits(4, 200, 8_000, 5, 5),
  },
  enterprise: {
    id: 280,
    initCpuMs: 300,
    initWallMs: 500,
    variableChars: 1_024,
    handler: handlerLimits(4, 70, 10_000, 10, 8),
    responseProvider: providerLimits(6, 300, 10_000, 10, 8),
  },
};

export const COMPRESSED_BUNDLE_BYTES = 512 * 1_024;
export const UNCOMPRESSED_BUNDLE_BYTES = MB;
export const RESPOND_WITH_CHARS = 16_384;
export const CREATE_RESPONSE_BYTES = 100_000;
export const CREATE_RESPONSE_HEAD_BYTES = 16 * 1_024;
export const LOG_BYTES = 1_024;
export const SUB_REQUEST_HEADER_BYTES = 8_192;
export const REQUEST_BODY_BYTES = MB;

export const limitsFor = (limits: TierLimits, event: EventName): EventLimits =>
  event === 'responseProvider' ? limits.responseProvider : limits.handler;

/** A handler may have as many sub-requests side by side as in all, and each may last as long as the handler. */
function handlerLimits(memoryMb: number, cpuMs: number, wallMs: number, subRequests: number, mb: number): EventLimits {
  return {
    memoryBytes: memoryMb * MB,
    cpuMs,
    wallMs,
    subRequests,
    parallelSubRequests: subRequests,
    subRequestWallMs: wallMs,
    subRequestResponseBytes: mb * MB,
  };
}

function providerLimits(memoryMb: number, cpuMs: number, wallMs: number, parallel: number, mb: number): EventLimits {
  return {
    memoryBytes: memoryMb * MB,
    cpuMs,
    wallMs,
    subRequests: 50,
    parallelSubRequests: parallel,
    subRequestWallMs: wallMs,
    subRequestResponseBytes: mb * MB,
  };
}
