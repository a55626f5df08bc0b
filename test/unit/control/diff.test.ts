import { describe, expect, it } from 'vitest';
import { diffChange } from '#control/diff-change';
import { type PreviewedFlag, previewChange } from '#control/preview-change';
import { rampFlag, segment } from '../fixtures/authored.ts';
import { changeOf, facts, NOW, organisation, PRODUCTION, put } from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';
import { publishedState } from './fixtures/published.ts';

const state = publishedState(organisation());
const fare = (percent: number) =>
  put(
    'flag',
    'pricing.fare',
    1,
    rampFlag(percent, {
      salt: 'pricing-fare',
      holdout: 'q4',
      rules: [{ id: 'staff', when: [{ segment: 'staff' }], serve: 'on' }],
    }),
  );

function diffOf(operations: Parameters<typeof changeOf>[0], actor = people.pricing, fields: object = {}) {
  const diff = diffChange(state, changeOf(operations, fields), actor, facts());
  if (!diff.ok) throw new Error(JSON.stringify(diff.error));
  return diff.value;
}

describe('a dry run', () => {
  it('says what is old and new, of what class it is, who has to approve, and what is published', () => {
    const diff = diffOf([fare(25)]);
    expect(diff.items).toMatchObject([
      { key: 'pricing.fare', fields: ['fallthrough'], old: { fallthrough: { split: { weights: { on: 5 } } } } },
    ]);
    expect(diff.flags).toEqual([
      {
        environment: PRODUCTION,
        flag: 'pricing.fare',
        class: 'move',
        through: ['pricing.fare'],
        moved: [{ flag: 'pricing.fare', where: 'fallthrough', buckets: 20_000 }],
      },
    ]);
    expect(diff).toMatchObject({
      publishes: [PRODUCTION],
      isReturn: false,
      refusal: null,
      missing: [{ policy: 'pricing', missing: 1, roles: ['pricing-on-call', 'release-manager'] }],
    });
  });

  it('names the flags that a segment changes, and what it goes through', () => {
    const diff = diffOf([put('segment', 'staff', 1, segment({ included: ['s-1', 's-2'] }))], people.everybody);
    expect(diff.flags).toMatchObject([{ flag: 'pricing.fare', class: 'content', through: ['segment:staff'] }]);
    expect(diff.requirements.map(({ policy }) => policy)).toEqual(['everything-else', 'pricing']);
    const holdout = diffOf(
      [put('holdout', 'q4', 1, { description: 'A holdout.', salt: 'holdout-q4', percent: 3 })],
      people.everybody,
    );
    expect(holdout.flags).toMatchObject([
      {
        flag: 'pricing.fare',
        class: 'move',
        through: ['holdout:q4', 'pricing.fare'],
        moved: [{ where: 'holdout', buckets: 1_000 }],
      },
    ]);
  });

  it('tells whoever may not make the change why not, and shows it all the same', () => {
    expect(diffOf([fare(25)], people.uiOnly)).toMatchObject({
      refusal: { code: 'not-allowed' },
      flags: [{ class: 'move' }],
    });
    const pay = put('flag', 'billing.pay', 1, rampFlag(50, { salt: 'billing-pay' }));
    expect(diffOf([pay], people.billing).refusal).toEqual({ code: 'ticket', trouble: 'missing', ticket: null });
  });

  it('is bound to what an approval would be bound to', () => {
    expect(diffOf([fare(25)]).hash).not.toBe(diffOf([fare(26)]).hash);
    expect(diffOf([fare(25)]).hash).not.toBe(diffOf([fare(25)], people.pricing, { ticket: 'CHG1' }).hash);
  });

  it('refuses what does not fit together', () => {
    const broken = changeOf([put('flag', 'pricing.fare', 1, rampFlag(5, { salt: 'pricing-fare', holdout: 'none' }))]);
    expect(diffChange(state, broken, people.pricing, facts())).toMatchObject({ ok: false, error: { code: 'invalid' } });
  });
});

describe('a preview', () => {
  const contexts = Array.from({ length: 1_000 }, (_, at) => ({ targetingKey: `user-${at}` }));
  const previewOf = (
    operations: Parameters<typeof changeOf>[0],
    sample: readonly unknown[] = contexts,
    place: object = {},
  ): readonly PreviewedFlag[] => {
    const preview = previewChange(state, {
      environment: PRODUCTION,
      change: changeOf(operations),
      contexts: sample,
      ...{ place, now: NOW },
    });
    if (!preview.ok) throw new Error(JSON.stringify(preview.error));
    return preview.value;
  };

  it('says which of a sample would be served something else, and what', () => {
    const theme = put('flag', 'ui.theme', 1, rampFlag(80, { salt: 'ui-theme' }));
    const [flag] = previewOf([theme]);
    // The layer lets a fifth take part; of those, 30 % more.
    expect(flag?.changed.length).toBeGreaterThan(30);
    expect(flag?.changed.length).toBeLessThan(100);
    expect((flag?.changed.length ?? 0) + (flag?.same ?? 0)).toBe(1_000);
    for (const { before, after } of flag?.changed ?? [])
      expect([before.variation, after.variation]).toEqual(['off', 'on']);
  });

  it('is of a place: rules on where one asks go by nothing else', () => {
    const rules = [{ id: 'asia', when: [{ attribute: 'region', op: 'in', values: ['ap-1'] }], serve: 'on' }];
    const theme = put('flag', 'ui.theme', 1, rampFlag(50, { salt: 'ui-theme', rules }));
    const said = [{ targetingKey: 'user-1', region: 'ap-1' }];
    expect(previewOf([theme], said)).toMatchObject([{ changed: [], same: 1 }]);
    const sample = contexts.slice(0, 200);
    const [flag] = previewOf([theme], sample, { region: 'ap-1' });
    // The layer lets a fifth take part; half of those were served on already.
    expect(flag?.changed.length).toBeGreaterThan(5);
    expect(flag?.changed[0]?.after).toMatchObject({ variation: 'on', rule: 'asia' });
  });

  it('follows what a segment changes', () => {
    const members = Array.from({ length: 200 }, (_, at) => `s-${at}`);
    const staff = put('segment', 'staff', 1, segment({ included: members }));
    const sample = [...members.map((targetingKey) => ({ targetingKey })), 'no context'];
    const [flag] = previewOf([staff], sample);
    // Three of ten are in the layer's slice, and nearly all of those were served off.
    expect(flag?.changed.length).toBeGreaterThan(30);
    expect(flag?.changed.length).toBeLessThan(90);
    for (const { before, after } of flag?.changed ?? []) {
      expect(before).toMatchObject({ variation: 'off', reason: 'SPLIT' });
      expect(after).toMatchObject({ variation: 'on', reason: 'TARGETING_MATCH', rule: 'staff' });
    }
  });

  it('finds nothing where nothing is served differently', () => {
    expect(previewOf([put('segment', 'unused', 1, segment({ included: ['u-9'] }))])).toEqual([]);
  });

  it('is bounded', () => {
    const order = {
      environment: PRODUCTION,
      change: changeOf([fare(6)]),
      contexts: Array.from({ length: 100_001 }),
      ...{ place: {}, now: NOW },
    };
    expect(previewChange(state, order)).toMatchObject({ ok: false, error: { code: 'too-many' } });
    expect(previewChange(state, { ...order, environment: 'theirs' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });
});
