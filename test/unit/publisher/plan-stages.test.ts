import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeClass } from '#ruleset/write/classify';
import {
  afterWord,
  beginStage,
  nextStep,
  released,
  type Stage,
  type StageWord,
} from '../../../workers/publisher/plan-stages.ts';

const SOAK = 5_000;
const NOW = 1_795_420_800_000;

const word = (verdict: StageWord['verdict'], asked = 1, code = 'bad-entries'): StageWord => ({
  verdict,
  asked,
  refusals: verdict === 'refused' ? [{ instance: 'relay-1', code, message: 'a.flag: no' }] : [],
  canary: 'relay-1',
});

/** What each audience was asked, and when, until nothing more is done. */
function staged(kinds: readonly ChangeClass[], words: (audience: string, asked: number) => StageWord) {
  const asked: [string, number][] = [];
  let now = NOW;
  let stage = beginStage(7, kinds, undefined, now);
  for (let turn = 0; turn < 50; turn++) {
    const step = nextStep(stage, SOAK, now);
    if (step.kind === 'nothing') break;
    if (step.kind === 'wait') now = step.until;
    else {
      asked.push([step.audience, now - NOW]);
      stage = afterWord(stage, words(step.audience, asked.length), SOAK, now);
    }
  }
  return { stage, asked };
}

describe('a version', () => {
  it('R9: goes to all at once where it is a return, and only then', () => {
    expect(beginStage(7, ['return', 'return'], undefined, NOW)).toEqual(released(7, 'return', NOW));
    for (const kind of ['move', 'content'] as const)
      expect(beginStage(7, ['return', kind], undefined, NOW)).toMatchObject({
        kind,
        audience: 'canary',
        phase: 'offered',
      });
  });

  it('R2: goes from a canary to all where it moves, and by its region and a soak where its content is new', () => {
    const always = () => word('applied');
    expect(staged(['move'], always)).toMatchObject({ stage: { phase: 'released' }, asked: [['canary', 0]] });
    expect(staged(['move', 'content'], always)).toMatchObject({
      stage: { phase: 'released', kind: 'content' },
      asked: [
        ['canary', 0],
        ['region', 0],
        ['region', SOAK],
      ],
    });
  });

  it('does not soak where nobody is there', () => {
    expect(staged(['content'], () => word('applied', 0)).asked).toEqual([
      ['canary', 0],
      ['region', 0],
    ]);
  });

  it('R6: is held at the canary where that refuses it', () => {
    const why = 'relay-1 refused it: bad-entries: a.flag: no';
    const { stage, asked } = staged(['move'], () => word('refused'));
    expect(stage).toMatchObject({ audience: 'canary', phase: 'held', why });
    expect(asked).toHaveLength(1);
  });

  it('stays at a canary that says nothing, which is asked again at growing intervals, and goes on once it has answered', () => {
    const { stage, asked } = staged(['move'], (_, times) => word(times < 10 ? 'unanswered' : 'applied'));
    expect(asked).toEqual([0, 1, 2, 4, 8, 16, 26, 36, 46, 56].map((second) => ['canary', second * 1_000]));
    expect(stage).toEqual(released(7, 'move', NOW + 56_000));
    const silent = afterWord(beginStage(7, ['move'], undefined, NOW), word('unanswered'), SOAK, NOW);
    expect(silent).toMatchObject({ phase: 'unanswered', why: 'the canary relay-1 has not answered yet' });
    expect(afterWord(silent, word('refused'), SOAK, NOW + 1_000).phase).toBe('held');
    expect(afterWord(silent, word('pending'), SOAK, NOW + 1_000)).toBe(silent);
  });

  it('R2: is held in the region where somebody refuses it at the end of the soak', () => {
    const { stage } = staged(['content'], (_, asked) => word(asked < 3 ? 'applied' : 'refused'));
    expect(stage).toMatchObject({ audience: 'region', phase: 'held' });
  });

  it('waits for nobody in a region who says nothing', () => {
    const { stage } = staged(['content'], (audience) => word(audience === 'canary' ? 'applied' : 'pending'));
    expect(stage.phase).toBe('released');
  });

  it('is as new as what has not come to everybody before it', () => {
    const held: Stage = { version: 6, kind: 'content', audience: 'canary', phase: 'held', since: NOW };
    expect(beginStage(7, ['move'], held, NOW)).toMatchObject({ kind: 'content', audience: 'canary', phase: 'offered' });
    expect(beginStage(7, ['move'], released(6, 'content', NOW), NOW).kind).toBe('move');
  });

  it('soaks no longer for a clock that was set back', () => {
    const stage: Stage = { version: 7, kind: 'content', audience: 'region', phase: 'soaking', since: NOW + 3_600_000 };
    expect(nextStep(stage, SOAK, NOW)).toEqual({ kind: 'wait', until: NOW + SOAK });
  });
});

/** Any order of publishes, words (of any audience's present state) and passing time. */
type Happening =
  | { readonly kind: 'publish'; readonly kinds: ChangeClass[] }
  | { readonly kind: 'word'; readonly verdict: StageWord['verdict']; readonly asked: number }
  | { readonly kind: 'time'; readonly by: number };

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    kinds: fc.array(fc.constantFrom<ChangeClass>('move', 'content', 'return'), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('word' as const),
    verdict: fc.constantFrom<StageWord['verdict']>('applied', 'refused', 'unanswered', 'pending'),
    asked: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ kind: fc.constant('time' as const), by: fc.integer({ min: -10_000, max: 10_000 }) }),
);

it('R2: R6: R9: whatever happens, nothing new is everybody’s before a canary has it, nor content before its region had it for the soak', () => {
  fc.assert(
    fc.property(fc.array(HAPPENING, { maxLength: 60 }), (happenings) => {
      let now = NOW;
      let stage = beginStage(1, ['move'], undefined, now);
      /** What the model knows of the version in force. */
      let model = {
        isNew: true,
        isContent: false,
        canaryHas: false,
        isRefused: false,
        soakFrom: undefined as number | undefined,
      };
      for (const one of happenings) {
        if (one.kind === 'time') now += one.by;
        else if (one.kind === 'publish') {
          const wasPending = stage.phase !== 'released';
          stage = beginStage(stage.version + 1, one.kinds, stage, now);
          const isNew = one.kinds.some((kind) => kind !== 'return') || (wasPending && model.isNew);
          const isContent = one.kinds.includes('content') || (wasPending && model.isContent);
          model = { isNew, isContent, canaryHas: false, isRefused: false, soakFrom: undefined };
        } else {
          const step = nextStep(stage, SOAK, now);
          if (step.kind !== 'offer') continue;
          if (one.verdict === 'applied' && step.audience === 'canary') model.canaryHas = true;
          if (one.verdict === 'refused') model.isRefused = true;
          else if (one.verdict !== 'unanswered' && step.audience === 'region')
            model.soakFrom = one.asked === 0 ? -1 / 0 : (model.soakFrom ?? now);
          stage = afterWord(stage, word(one.verdict, one.asked), SOAK, now);
        }
        if (stage.phase === 'released') {
          expect(model.isRefused).toBe(false);
          expect(model.canaryHas || !model.isNew).toBe(true);
          if (model.isContent) expect(now - (model.soakFrom ?? now)).toBeGreaterThanOrEqual(SOAK);
        }
        if (model.isRefused) expect(stage.phase).toBe('held');
        else if (stage.audience === 'canary') expect(stage.phase).toMatch(/^(offered|unanswered)$/);
      }
    }),
    { seed: 3, numRuns: 2_000 },
  );
});
