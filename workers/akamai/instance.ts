/** What an instance of the EdgeWorker is made of, by the platform's modules. */
import { crypto } from 'crypto';
import { TextEncoder } from 'encoding';
import { httpRequest } from 'http-request';
import { logger } from 'log';
import type { Bindings } from '#http/settings';
import { keep } from '#keep';
import type { Subtle } from '#ruleset/web-crypto';
import { edgekv_access_tokens } from './edgekv_tokens.js';
import { createLockstep, type Lockstep } from './lockstep.ts';
import { settings } from './lockstep-settings.js';

/** Who asks EdgeKV, and for what. */
export const bindings: Bindings = settings;

export { httpRequest };

export const subtle = crypto.subtle as unknown as Subtle;

export const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

/** Stands still within an event. */
export const now = (): number => Date.now();

/** At module scope in either flavour: a number, which no memory is too short for. */
const highest = { version: 0 };

/** Throws a `SettingsError` where the bundle's settings are not sound. */
export const lockstep = (): Lockstep =>
  keep('lockstep', () =>
    createLockstep({
      bindings,
      tokens: edgekv_access_tokens,
      httpRequest,
      subtle,
      utf8,
      now,
      highest,
    }),
  );

export const logError = (error: unknown): void =>
  logger.error('lockstep: %s', error instanceof Error ? error.message : String(error));
