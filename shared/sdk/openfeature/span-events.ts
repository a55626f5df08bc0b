/**
 * OpenTelemetry: what a flag was evaluated to, as an event of the span in which that happened. A hook of OpenFeature for servers, by the
 * semantic conventions for feature flags (`feature_flag.evaluation`). Values are in no event, nor are messages of errors: both may hold
 * what is nobody's business. Nor is a unit's key, but for its pseudonym where there is somebody to make it.
 */
import type { EvaluationDetails, FlagValue, Hook, HookContext } from '@openfeature/server-sdk';
import { type Attributes, trace } from '@opentelemetry/api';

export interface SpanEventOptions {
  /** Makes `feature_flag.context.id` of the targeting key (`createPseudonymiser`); without it there is none. */
  readonly pseudonym?: (kind: string, unitKey: string) => string;
  /** `feature_flag.set.id`: the environment, say. */
  readonly setId?: string;
}

const EVENT = 'feature_flag.evaluation';

/** To be given to `OpenFeature.addHooks`. It does nothing where no span is active, or the active one is not recorded. */
export function createSpanEventHook({ pseudonym, setId }: SpanEventOptions = {}): Hook {
  return {
    finally(hook, details) {
      const span = trace.getActiveSpan();
      if (!span?.isRecording()) return;
      const { targetingKey } = hook.context;
      span.addEvent(EVENT, {
        ...attributesOf(hook, details),
        ...(setId !== undefined && { 'feature_flag.set.id': setId }),
        ...(pseudonym && targetingKey && { 'feature_flag.context.id': pseudonym('user', targetingKey) }),
      });
    },
  };
}

function attributesOf(
  { flagKey, providerMetadata }: Readonly<HookContext>,
  { variant, reason, errorCode, flagMetadata }: EvaluationDetails<FlagValue>,
): Attributes {
  const version = flagMetadata['version'];
  return {
    'feature_flag.key': flagKey,
    'feature_flag.provider.name': providerMetadata.name,
    'feature_flag.result.reason': (reason ?? 'UNKNOWN').toLowerCase(),
    ...(variant !== undefined && { 'feature_flag.result.variant': variant }),
    ...(errorCode !== undefined && { 'error.type': errorCode.toLowerCase() }),
    ...(version !== undefined && { 'feature_flag.version': String(version) }),
  };
}
