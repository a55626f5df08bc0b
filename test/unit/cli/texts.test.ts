import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { FlagDiff, ItemDiff } from '#control/diff-change';
import type { Requirement } from '#control/state';
import { authoredFlag } from '#schema/authored';
import type { Operation } from '#schema/control-operation';
import type { DryRunAnswer, WriteAnswer } from '../../../scripts/cli/control/answers.ts';
import { lineDiff } from '../../../scripts/cli/control/line-diff.ts';
import { dryRunText, outcomeText } from '../../../scripts/cli/control/outcome-text.ts';
import { recordRow } from '../../../scripts/cli/control/record-rows.ts';
import { requestText } from '../../../scripts/cli/control/request-text.ts';
import { safeJson } from '../../../scripts/cli/control/safe-json.ts';
import { safeYaml } from '../../../scripts/cli/control/safe-yaml.ts';
import { driftText } from '../../../scripts/cli/control/sets.ts';
import { statusText } from '../../../scripts/cli/control/status.ts';
import { DELIVERY_HEAD, type DeliveryAnswer, deliveryRow } from '../../../scripts/cli/control/webhooks.ts';
import { rampFlag } from '../fixtures/authored.ts';

/** What a terminal would act on, or would hide. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const HOSTILE = 'x\u001b]0;owned\u0007\u009b2J\u202e\u200b\r\u2028';

describe('the diff of two texts', () => {
  it('shows what went and what came, and a little around it', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].join('\n');
    const after = ['a', 'b', 'c', 'd', 'E', 'f', 'g', 'h', 'i'].join('\n');
    expect(lineDiff(before, after)).toEqual(
      [...'abcd'].map((line) => `  ${line}`).concat(['- e', '+ E', '  f', '  g', '  h', '+ i']),
    );
    const far = 'x\n'.repeat(50);
    expect(lineDiff(`${far}a`, `${far}b`)).toEqual(['  …', '  x', '  x', '  x', '- a', '+ b']);
  });

  it('is nothing where nothing differs, and all where there was nothing', () => {
    expect(lineDiff('a\nb\n', 'a\nb\n')).toEqual([]);
    expect(lineDiff('', 'a\nb\n')).toEqual(['+ a', '+ b']);
    expect(lineDiff('a\n', '')).toEqual(['- a']);
  });

  it('has all lines of both where they are few', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = lineDiff(before.join('\n'), after.join('\n'));
        fc.pre(diff.length > 0);
        const without = (sign: string): string[] =>
          diff.flatMap((line) => (line.startsWith(sign) ? [] : [line.slice(2)]));
        expect(without('+')).toEqual(before);
        expect(without('-')).toEqual(after);
      }),
    );
  });

  it('of two large texts is whole, and soon there', () => {
    const large = (tag: string): string => Array.from({ length: 3_000 }, (_, at) => `${tag}${at}`).join('\n');
    const began = performance.now();
    expect(lineDiff(large('a'), large('b'))).toHaveLength(6_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('B55: what others wrote', () => {
  it('is YAML that a terminal does nothing with, and that says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        fc.pre(!/\p{Cs}/u.test(text));
        const given = { value, [text || 'x']: `${text}${HOSTILE}` };
        const yaml = safeYaml(given);
        expect(yaml).not.toMatch(UNSEEN);
        expect(JSON.parse(JSON.stringify(parse(yaml)))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('is JSON that a terminal does nothing with, and that says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const given = { value, [text]: `${text}${HOSTILE}` };
        expect(safeJson(given)).not.toMatch(UNSEEN);
        expect(JSON.parse(safeJson(given))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it.each<[string, string]>([
    ['a change', dryRunText(dryRun({ items: [flagItem({ key: HOSTILE, description: HOSTILE })], message: HOSTILE }))],
    ['a request', requestText(request({ justification: HOSTILE }))],
    ['a status', statusText({ entries: 1, signed: 1, environments: [], message: HOSTILE })],
    ['drift', driftText({ missing: [HOSTILE], extra: [], different: [] }, 'flags')],
    ['an outcome', outcomeText({ ...waits, request: { id: HOSTILE } })],
  ])('moves no cursor in %s', (_, text) => {
    expect(text).toContain('x\\');
    expect(text).not.toMatch(UNSEEN);
  });
});

function flagItem({ key = 'pricing.fare', description = 'A fare.' } = {}): ItemDiff {
  const [old, next] = [5, 25].map((share) => authoredFlag.parse(rampFlag(share, { description })));
  return {
    environment: 'production',
    kind: 'flag',
    key,
    old: old ?? null,
    new: next ?? null,
    fields: ['fallthrough', 'description'],
  };
}

const flag: FlagDiff = {
  ...{ environment: 'production', flag: 'pricing.fare', class: 'move', through: ['pricing.fare', 'segment:staff'] },
  moved: [{ flag: 'pricing.fare', where: 'fallthrough', buckets: 20_000 }],
};

const requirement: Requirement = {
  ...{ policy: 'pricing', revision: 1, environment: 'production', namespaces: ['pricing'], edit: ['pricing-on-call'] },
  approvals: { count: 1, roles: ['pricing-on-call', 'release-manager'] },
  ...{ ticket: true, training: ['sox'] },
};

const missing = {
  ...{ policy: 'pricing', environment: 'production', namespaces: ['pricing'], missing: 1 },
  roles: ['pricing-on-call', 'release-manager'],
};

const waits = { status: 'open', seq: 7, frozen: [], request: { id: 'cr-1', hash: 'h', missing: [missing] } } as const;

function dryRun(fields: Partial<DryRunAnswer> = {}): DryRunAnswer {
  return {
    ...{ dryRun: true, hash: 'h', items: [flagItem()], flags: [flag], publishes: ['production'], isReturn: false },
    ...{ requirements: [requirement], missing: [missing], refusal: null, message: null },
    ...fields,
  };
}

function request({ justification = 'A quarter.', operations = [] as readonly Operation[] } = {}) {
  return {
    ...{ id: 'cr-1', status: 'open', hash: 'Vb9', openedAt: '2026-11-23T08:00:00.000Z', message: null },
    change: { operations, justification, apply: { at: '2026-12-01T08:00:00.000Z' }, ticket: 'CHG1' },
    editors: [
      { id: 'okta:ana', person: 'ana' },
      { id: 'okta:cem', person: 'cem' },
    ],
    approvals: [{ by: { id: 'okta:ben', person: 'ben' }, roles: ['release-manager'] }],
    missing: [missing],
    requirements: [requirement],
    diff: { items: [flagItem()], flags: [flag], isReturn: false },
  };
}

describe('a dry run', () => {
  it('says what differs, whom it moves, what is asked for and what would come of it', () => {
    expect(dryRunText(dryRun())).toBe(
      `flag pricing.fare in production
    fallthrough:
      split:
        by: user
        rest: "off"
        weights:
-         on: 5
+         on: 25
    description: A fare.

environment  flag          class
production   pricing.fare  move   through segment:staff; 20 % of units move in fallthrough

policy   for                    asks for
pricing  pricing in production  1 of pricing-on-call or release-manager, an open ticket, training sox

must approve: 1 of pricing-on-call or release-manager (policy pricing, for pricing in production)

nothing was changed; this would become a change request`.replace(/^([-+]) {9}/gm, '  $1       '),
    );
  });

  it.each<[string, Partial<DryRunAnswer>, RegExp]>([
    ['that needs nobody else', { missing: [] }, /would be applied at once$/],
    [
      'that would be refused',
      { refusal: { code: 'ticket' }, message: 'a ticket is needed' },
      /refused: a ticket is needed$/,
    ],
    ['that goes back', { isReturn: true }, /^this goes back .* needs no approval$/m],
    ['that moves nobody', { flags: [] }, /^no flag serves anything else$/m],
    ['of something new', { items: [{ ...flagItem(), old: null }] }, /^flag pricing.fare in production {2}is new$/m],
    [
      'that fills the archive',
      { items: [{ ...flagItem(), old: null, archived: true }] },
      /^flag pricing.fare in production {2}is new {2}in the archive$/m,
    ],
    [
      'that takes away',
      { items: [{ ...flagItem(), new: null }] },
      /^flag pricing.fare in production {2}is taken away$/m,
    ],
  ])('says it of a change %s', (_, fields, told) => {
    expect(dryRunText(dryRun(fields))).toMatch(told);
  });

  it('of many items shows the first whole, and names the others', () => {
    const items = Array.from({ length: 200 }, (_, at) => flagItem({ key: `pricing.fare${at}` }));
    const text = dryRunText(dryRun({ items }));
    expect(text).toMatch(/^flag pricing\.fare199 in production {2}fallthrough, description$/m);
    expect(text.split('\n').length).toBeLessThan(30 * 12 + 200);
  });
});

describe('what came of a change', () => {
  const effects = [
    { environment: 'production', flags: { 'pricing.fare': 'move' as const }, content: 'c', publishes: true },
  ];
  it.each<[WriteAnswer, string]>([
    [{ status: 'unchanged' }, 'nothing to do: everything is like that already'],
    [{ status: 'applied', seq: 7, effects }, 'production  pricing.fare  move\napplied: entry 7 of the log'],
    [{ status: 'withdrawn', seq: 7 }, 'withdrawn: entry 7 of the log'],
    [
      waits,
      `waits for approval: change request cr-1, entry 7 of the log
  missing: 1 of pricing-on-call or release-manager (policy pricing, for pricing in production)
npm run lockstep -- cr show cr-1`,
    ],
  ])('%j is told in words', (answer, told) => {
    expect(outcomeText(answer)).toBe(told);
  });

  it('is how many flags where they are many', () => {
    const flags = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`a.f${at}`, 'move' as const]));
    const text = outcomeText({
      status: 'applied',
      seq: 7,
      effects: [{ environment: 'e', flags, content: 'c', publishes: true }],
    });
    expect(text).toBe('300 flags may serve something else\napplied: entry 7 of the log');
  });
});

describe('a change request', () => {
  it('says who wrote it, who approved, what is missing, its hash and what it does', () => {
    const text = requestText(request());
    for (const told of [
      /^by +ana \(okta:ana\)$/m,
      /^amended by +cem \(okta:cem\)$/m,
      /^takes effect +not before 2026-12-01T08:00:00\.000Z$/m,
      /^ticket +CHG1$/m,
      /^hash +Vb9$/m,
      /^approved by +ben \(release-manager\)$/m,
      /^missing +1 of pricing-on-call or release-manager/m,
      /^ {2}\+ +on: 25$/m,
      /^production +pricing\.fare +move/m,
    ])
      expect(text).toMatch(told);
  });

  it('shows policies too: nobody approves one unseen', () => {
    const body = { namespaces: ['pricing'], edit: ['anybody'] };
    const operations = [{ op: 'put', kind: 'policy', key: 'pricing', base: 3, body }] as unknown as Operation[];
    const text = requestText(request({ operations }));
    expect(text).toMatch(/^put policy pricing \(revision 3\)$/m);
    expect(text).toMatch(/^\+ {3}- anybody$/m);
  });
});

describe('a webhook', () => {
  it('is a line: where to, what of, and whether', () => {
    const body = { url: 'https://chat.example/in', events: ['*'], environments: ['production'], enabled: false };
    expect(recordRow('webhook', { key: 'chat', revision: 2, body })).toEqual([
      ...['chat', 'https://chat.example/in', '*', 'production', 'off', '2'],
    ]);
  });

  it.each<[Partial<DeliveryAnswer>, string]>([
    [{ status: 'delivered', code: 204 }, 'HTTP 204'],
    [
      { status: 'waiting', code: 500, error: 'no luck', nextAt: '2026-11-23T08:00:00.000Z' },
      'HTTP 500: no luck; again at 2026-11-23T08:00:00.000Z',
    ],
    [{ status: 'failed', error: 'no answer within 10 s' }, 'no answer within 10 s'],
    [{ status: 'waiting' }, '-'],
  ])('tells what became of a delivery: %j', (fields, outcome) => {
    const delivery = { id: 'msg_1', seq: null, type: 'webhook.test', time: '2026-11-23T07:00:00.000Z', attempts: 1 };
    const row = deliveryRow({ ...delivery, status: 'waiting', code: null, error: null, ...fields });
    expect([row.length, row[3], row.at(-1)]).toEqual([DELIVERY_HEAD.length, 'a test', outcome]);
  });
});
