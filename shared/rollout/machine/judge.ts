/** The judge of a guardrail, by what its source returns. Made once: what it declares is costly to make, and must not change. */
import { assessMonitor } from '#rollout/evidence/assess-monitor';
import { DEFAULT_POINT_RULE } from '#rollout/evidence/assess-point';
import { type Guardrail, sourceOf } from '#schema/rollout-guardrail';
import { judgeCounts } from './judge-counts.ts';
import { judgePoint } from './judge-point.ts';
import { judgeSketch } from './judge-sketch.ts';
import { armOf, type Course, type Judge } from './judgement.ts';

export function judgeOf(guardrail: Guardrail, course: Course): Judge {
  const source = sourceOf(guardrail);
  switch (source) {
    case 'counts':
      return judgeCounts(guardrail, course);
    case 'sketch':
      return judgeSketch(guardrail, course);
    case 'point':
      return judgePoint(guardrail);
    case 'state':
      return judgeMonitor;
    default:
      return source satisfies never;
  }
}

const judgeMonitor: Judge = (_before, { statistics, at }) => {
  const reading = statistics?.source === 'state' ? statistics : null;
  const verdict = assessMonitor(reading, DEFAULT_POINT_RULE.maxAgeMs, at);
  const tests = [{ limit: null, verdict, secondsLeft: null }];
  return { state: { source: 'state' }, tests, treatment: armOf(), control: armOf() };
};
