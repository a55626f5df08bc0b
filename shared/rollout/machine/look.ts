/** What a tick shows of the guardrails of a plan, as far as it is about what is served now. */
import { type Guardrail, guardrailName, sourceOf } from '#schema/rollout-guardrail';
import { CHECKS, checksAt } from './checks.ts';
import type { Tick } from './input.ts';
import type { RolloutState, Seen } from './state.ts';
import { appliesAt, type Step } from './steps.ts';

export interface Look {
  /** One for each guardrail of the plan, and for each check that every rollout has. */
  readonly seen: readonly Seen[];
  readonly failing: readonly string[];
  /** Of those that apply at the step: */
  readonly blind: readonly string[];
  readonly inconclusive: readonly string[];
  readonly tooFew: readonly string[];
}

export function lookAt(state: RolloutState, step: Step | undefined, { statistics, verdicts }: Tick): Look {
  const { guardrails } = state.plan;
  const isOurs = statistics.revision === state.revision && statistics.attempt === state.attempt;
  const isNow = isOurs && statistics.serving === state.serving.sequence;
  const seen = [...guardrails.map(guardrailName), ...CHECKS].map((name): Seen => {
    const found = worst(verdicts.filter((one) => one.name === name));
    if (found === undefined || !isOurs) return unseen(name);
    // What was measured before the last step still tells of harm, and no longer of safety.
    return found.kind === 'FAIL' || isNow ? told(found) : unseen(name);
  });
  const applying = step === undefined ? new Set() : namesAt(guardrails, step);
  const here = seen.filter(({ name }) => applying.has(name));
  return {
    seen,
    failing: namesOf(seen, ({ kind }) => kind === 'FAIL'),
    blind: namesOf(here, isBlind),
    inconclusive: namesOf(here, ({ kind }) => kind === 'INCONCLUSIVE'),
    tooFew: step === undefined ? [] : tooFew(guardrails, here, step),
  };
}

const namesOf = (seen: readonly Seen[], want: (one: Seen) => boolean): readonly string[] =>
  seen.filter(want).map(({ name }) => name);

const namesAt = (guardrails: readonly Guardrail[], step: Step): ReadonlySet<string> =>
  new Set([...guardrails.filter((guardrail) => appliesAt(guardrail, step)).map(guardrailName), ...checksAt(step)]);

const unseen = (name: string): Seen => ({ name, kind: 'NO_DATA', exposures: null, outcomes: null });

/** As JSON has it: what is no number is not known. */
const told = ({ name, kind, exposures, outcomes }: Seen): Seen => ({
  name,
  kind,
  exposures: Number.isFinite(exposures) ? exposures : null,
  outcomes: Number.isFinite(outcomes) ? outcomes : null,
});

/** Whatever is none of the kinds that are known is nothing to see by. */
const isBlind = ({ kind }: Seen): boolean => kind !== 'PASS' && kind !== 'FAIL' && kind !== 'INCONCLUSIVE';

/** The same guardrail told twice is as bad as the worse of the two. */
const worst = (seen: readonly Seen[]): Seen | undefined =>
  seen.reduce<Seen | undefined>(
    (bad, one) => (bad === undefined || badness(one) > badness(bad) ? one : bad),
    undefined,
  );

const badness = ({ kind }: Seen): number =>
  kind === 'PASS' ? 0 : kind === 'INCONCLUSIVE' ? 1 : kind === 'FAIL' ? 3 : 2;

/** Of our own pipeline, where units are counted; a monitor has a minimum of its own. What is not known is too few. */
function tooFew(guardrails: readonly Guardrail[], seen: readonly Seen[], { minimumEvidence }: Step): readonly string[] {
  const counted = new Set(guardrails.filter(isCounted).map(guardrailName));
  const isEnough = ({ exposures, outcomes }: Seen): boolean =>
    exposures !== null &&
    exposures >= minimumEvidence.exposures &&
    (outcomes === null ? minimumEvidence.outcomes === 0 : outcomes >= minimumEvidence.outcomes);
  return seen.filter((one) => counted.has(one.name) && !isEnough(one)).map(({ name }) => name);
}

const isCounted = (guardrail: Guardrail): boolean => ['counts', 'sketch'].includes(sourceOf(guardrail));
