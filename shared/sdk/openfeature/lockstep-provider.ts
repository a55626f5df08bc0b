/** OpenFeature's provider for servers, by a Lockstep client: decisions are made in this process, and the provider's status says how well. */
import {
  ErrorCode,
  type EvaluationContext,
  type FlagValue,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import type { ContextFlags } from '#sdk/client/context-flags';
import type { Details } from '#sdk/client/details';
import type { ClientEvent, ClientState, LockstepClient } from '#sdk/client/lockstep-client';
import { changedFlags } from './changed-flags.ts';

export interface ProviderOptions {
  /** How long `initialize` waits for a first ruleset; after that the status is ERROR, and READY or STALE once there is one. */
  readonly readyWithinMs?: number;
}

/** The client ends with the provider. */
export function createLockstepProvider(client: LockstepClient, options: ProviderOptions = {}): Provider {
  const events = new OpenFeatureEventEmitter();
  /** What OpenFeature was last told; undefined before `initialize` is over, which speaks for itself. */
  let told: ClientState | undefined;

  function tell(state: ClientState, why: string | undefined): void {
    if (told === undefined || told === state) return;
    told = state;
    switch (state) {
      case 'live':
        events.emit(ProviderEvents.Ready);
        return;
      case 'stale':
        events.emit(ProviderEvents.Stale, { message: why ?? 'without word from the upstream' });
        return;
      case 'starting':
      case 'offline':
        events.emit(ProviderEvents.Error, { message: why ?? NOTHING, errorCode: ErrorCode.GENERAL });
        return;
      default:
        state satisfies never;
    }
  }

  function hear(event: ClientEvent): void {
    if (event.type === 'state') tell(event.state, event.why);
    if (event.type !== 'changed' || told === undefined || event.before === undefined) return;
    const flagsChanged = changedFlags(event.before, event.ruleset);
    events.emit(ProviderEvents.ConfigurationChanged, {
      flagsChanged,
      metadata: { version: event.ruleset.claims.version },
    });
  }
  const stop = client.listen(hear);

  async function initialize(): Promise<void> {
    const state = await client.ready(options.readyWithinMs);
    if (state === 'starting' || state === 'offline') {
      told = state;
      throw new Error(client.status().why ?? NOTHING);
    }
    // READY is OpenFeature's own to say, once this returns; what is stale is said right after.
    told = 'live';
    if (state === 'stale') setTimeout(() => tell(client.status().state, client.status().why), 0);
  }

  return {
    metadata: { name: 'lockstep' },
    runsOn: 'server',
    events,
    initialize,
    async onClose() {
      stop();
      await client.close();
    },
    resolveBooleanEvaluation: async (key, otherwise, context) =>
      resolved((flags) => flags.booleanDetails(key, otherwise), client, context),
    resolveStringEvaluation: async (key, otherwise, context) =>
      resolved((flags) => flags.stringDetails(key, otherwise), client, context),
    resolveNumberEvaluation: async (key, otherwise, context) =>
      resolved((flags) => flags.numberDetails(key, otherwise), client, context),
    resolveObjectEvaluation: async <T extends JsonValue>(key: string, otherwise: T, context: EvaluationContext) =>
      resolved((flags) => flags.objectDetails(key, otherwise as object as never) as never, client, context),
    track(name: string, context: EvaluationContext, details: TrackingEventDetails) {
      client.track(name, context, details);
    },
  };
}

const NOTHING = 'no ruleset was received';

/** In OpenFeature's words: those of a client, but for a few. */
function resolved<T extends FlagValue>(
  decide: (flags: ContextFlags) => Details<T>,
  client: LockstepClient,
  context: EvaluationContext,
): ResolutionDetails<T> {
  const { value, variation, reason, errorCode, metadata } = decide(client.flagsFor(context));
  return {
    value,
    reason,
    flagMetadata: metadata as Record<string, string | number>,
    ...(variation !== undefined && { variant: variation }),
    ...(errorCode !== undefined && { errorCode: errorCode as ErrorCode, errorMessage: MESSAGES[errorCode] }),
  };
}

const MESSAGES: Readonly<Record<NonNullable<Details<unknown>['errorCode']>, string>> = {
  FLAG_NOT_FOUND: 'there is no such flag in this environment',
  TYPE_MISMATCH: 'the values of this flag are of another type',
  PARSE_ERROR: 'this flag cannot be evaluated, and declares no offline default',
  INVALID_CONTEXT: 'the context cannot be read',
  GENERAL: 'this flag cannot be evaluated',
};
