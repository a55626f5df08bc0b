import { describe, expect, it } from 'vitest';
import { publishedText } from '../../../scripts/cli/published.ts';
import { type StageStanding, stageText } from '../../../scripts/planet/stage-text.ts';

const waiting: StageStanding = {
  ...{ version: 5, phase: 'waiting', needs: { 'pricing.fare': 4, 'pricing.net': 4 }, everybodys: 4 },
  why: 'waits for version 4 everywhere: not yet 1 in northeurope azure (relay-azure)',
};

describe('I7: what is said of a version that not everybody has', () => {
  it('is which flags it waits for, who is behind, and what everybody has', () => {
    expect(stageText(waiting)).toBe(
      'version 5 waits, for pricing.fare, pricing.net: waits for version 4 everywhere: ' +
        'not yet 1 in northeurope azure (relay-azure) (everybody has version 4)',
    );
  });

  it('is what became of what goes first', () => {
    const first = { version: 4, phase: 'held', why: 'relay-aws refused it: bad-entries: no' };
    expect(stageText({ ...waiting, first })).toContain('relay-aws refused it');
    expect(stageText({ version: 1, phase: 'held', why: 'no', everybodys: null })).toBe(
      "version 1 is held: no (no version is everybody's yet)",
    );
  });

  it('names some of many flags', () => {
    const needs = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`a.f${at}`, 4]));
    expect(stageText({ ...waiting, needs })).toContain('a.f4 and 4 more');
  });

  it.each(['offered', 'soaking', 'released'])('is nothing where it goes on by itself: %s', (phase) => {
    expect(stageText({ version: 5, phase, everybodys: 4 })).toBeUndefined();
  });

  it('B55: moves no cursor', () => {
    expect(stageText({ ...waiting, why: 'x\u001b[2J' })).toContain('x\\u{1B}');
  });

  it('is told by whoever publishes it', () => {
    const told = { version: 5, changes: {}, moved: [], targets: [], returns: [] };
    const text = publishedText({ status: 'published', seq: 7, ...told, stage: waiting });
    expect(text).toContain('published version 5, entry 7 of the log\nversion 5 waits, for pricing.fare');
  });
});
