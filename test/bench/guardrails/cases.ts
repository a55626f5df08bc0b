/** What is measured of the controller's statistics. */
export const GUARDRAIL_CASES = ['guardrails-tick', 'guardrails-merge', 'guardrails-judge'] as const;
export type GuardrailCase = (typeof GUARDRAIL_CASES)[number];

export const isGuardrails = (name: string): boolean => name.startsWith('guardrails-');

export const GUARDRAIL_TITLES: Readonly<Record<GuardrailCase, string>> = {
  'guardrails-tick': 'one tick of the controller: 500 rollouts, 4 guardrails each, 16 shards',
  'guardrails-merge': 'of it, merging the shards',
  'guardrails-judge': 'of it, evidence and verdicts, intervals included',
};
