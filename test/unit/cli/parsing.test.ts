import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { authoredFlag } from '#schema/authored';
import { CommandError } from '../../../scripts/cli/command-error.ts';
import { nextIn } from '../../../scripts/cli/control/audit-log.ts';
import { changeIn } from '../../../scripts/cli/control/change-file.ts';
import { itemIn } from '../../../scripts/cli/control/item-file.ts';
import { itemYaml } from '../../../scripts/cli/control/item-text.ts';
import { reasonsOf } from '../../../scripts/cli/control/options.ts';
import { previewText, samplesOf, sum } from '../../../scripts/cli/control/preview-text.ts';
import { rampPatch, sharesOf } from '../../../scripts/cli/control/ramp.ts';
import { mapping } from '../../../scripts/cli/control/records.ts';
import { writeFolder } from '../../../scripts/cli/control/write-folder.ts';
import { booleanFlag, rampFlag, textFlag } from '../fixtures/authored.ts';

describe('a ramp', () => {
  const flag = authoredFlag.parse(
    textFlag(['control', 'v2', 'v3'], {
      rules: [
        { id: 'staff', when: [{ segment: 'staff' }], serve: 'v2' },
        { id: 'beta', when: [{ segment: 'beta' }], split: { rest: 'control', weights: { v2: 50 } } },
      ],
      fallthrough: { split: { by: 'account', rest: 'control', weights: { v2: 5 } } },
    }),
  );
  const shares = (...texts: string[]) => sharesOf(texts);

  it('sets the shares that are named, and keeps the others, the rest and the unit', () => {
    expect(rampPatch(flag, shares('v3=12.5'))).toEqual({
      fallthrough: { serve: null, split: { by: 'account', rest: 'control', weights: { v2: 5, v3: 12.5 } } },
    });
  });

  it('splits what was served whole, which becomes the rest', () => {
    const whole = authoredFlag.parse(booleanFlag({ fallthrough: { serve: 'off' } }));
    expect(rampPatch(whole, shares('on=10%'))).toEqual({
      fallthrough: { serve: null, split: { by: 'user', rest: 'off', weights: { on: 10 } } },
    });
  });

  it('of a rule leaves the other rules as they are', () => {
    const { rules } = rampPatch(flag, shares('v2=0'), 'beta') as { rules: typeof flag.rules };
    expect(rules).toEqual([
      flag.rules[0],
      { ...flag.rules[1], split: { by: 'user', rest: 'control', weights: { v2: 0 } } },
    ]);
    expect(rampPatch(flag, shares('v3=1'), 'staff')).toMatchObject({
      rules: [{ id: 'staff', split: { rest: 'v2', weights: { v3: 1 } } }, flag.rules[1]],
    });
  });

  it.each<[readonly string[], string | undefined, RegExp]>([
    [['v9=5'], undefined, /no variation v9: there are control, v2, v3/],
    [['control=5'], undefined, /control is what the rest of fallthrough gets/],
    [['v2=60', 'v3=60'], undefined, /come to 120 %/],
    [['v2=5', 'v2=6'], undefined, /v2 is there twice/],
    [['v2'], undefined, /v2: a share is/],
    [['v2=-1'], undefined, /a share is/],
    [['v2=100.5'], undefined, /a share is/],
    [['v2=1e1'], undefined, /a share is/],
    [['v2=0.0001'], undefined, /a share is/],
    [['v2=5'], 'nobody', /no rule nobody: there are staff, beta/],
  ])('is not %j of rule %s', (texts, rule, told) => {
    expect(() => rampPatch(flag, sharesOf(texts), rule)).toThrow(told);
  });
});

describe('an item from a file', () => {
  const flag = rampFlag(25);
  const parsed = authoredFlag.parse(flag);
  const body = `# ours
description: A flag.
type: boolean
salt: salt-1
enabled: true
off: "off"
fallthrough: { split: { rest: "off", weights: { "on": 25 } } }
`;

  it.each<[string, string]>([
    ['its body', body],
    ['its body as JSON', JSON.stringify(flag, null, 2)],
    ['a set that has it', JSON.stringify({ flags: { 'a.flag': flag, 'b.flag': { ...flag, salt: 'b' } } })],
    ['a set as people write it', `flags:\n  a.flag:\n${body.replace(/^/gm, '    ')}`],
    [
      'what the command line wrote',
      itemYaml({ kind: 'flag', key: 'a.flag', body: parsed, revision: 1, archived: false, people: { tags: [] } }),
    ],
  ])('may be %s', (_, text) => {
    expect(itemIn({ name: 'a.yaml', text }, 'flag', 'a.flag')).toEqual(parsed);
  });

  it.each<[string, string, RegExp]>([
    ['a field of another name', body.replace('enabled', 'enable'), /^a\.yaml:1:1 {2}Unrecognized key: "enable"/m],
    ['a value that is none', body.replace('boolean', 'bool'), /^a\.yaml:3:\d+ {2}type/m],
    ['no YAML', 'flags: [', /^a\.yaml:1:\d+ /],
    ['nothing', '', /^a\.yaml:1:1 {2}/],
    ['another flag', JSON.stringify({ flags: { 'b.flag': flag } }), /a\.yaml: there is no flag a\.flag in it/],
    ['a name that all objects have', '{"flags":{"__proto__":{}}}', /__proto__/],
  ])('is refused at its place where it is %s', (_, text, told) => {
    expect(() => itemIn({ name: 'a.yaml', text }, 'flag', 'a.flag')).toThrow(told);
    expect(() => itemIn({ name: 'a.yaml', text }, 'flag', 'a.flag')).toThrow(CommandError);
  });
});

describe('a change from a file', () => {
  const operations = [{ op: 'archive', kind: 'flag', environment: 'production', key: 'a.b', base: 1 }];
  it('is a list of operations, alone or named', () => {
    for (const text of [JSON.stringify(operations), JSON.stringify({ operations })])
      expect(changeIn(text, 'c.json')).toEqual({ operations });
  });

  it.each(['', '{}', '[]', '{"operations":[]}', '[1]', '[{"op":"put"}]', '{', '&a [*a]'])('is not %j', (text) => {
    expect(() => changeIn(text, 'c.json')).toThrow(/^c\.json: /);
  });

  it('says of itself what was asked for, and not both ways of waiting', () => {
    expect(reasonsOf({ reason: 'why', ticket: 'CHG1', at: '2026-12-01T08:00:00Z', confirm: ['size'] })).toEqual({
      ...{ justification: 'why', ticket: 'CHG1', apply: { at: '2026-12-01T08:00:00Z' }, confirm: ['size'] },
    });
    expect(reasonsOf({ reason: 'why', byHand: true })).toEqual({ justification: 'why', apply: 'by-hand' });
    expect(() => reasonsOf({ reason: 'why', byHand: true, at: '2026-12-01T08:00:00Z' })).toThrow(CommandError);
  });
});

describe('the body of a policy', () => {
  it.each(['', '[]', '1', '{', 'a: &a [1]\nb: *a'])('is not %j', (text) => {
    expect(() => mapping(text, 'p.yaml')).toThrow(/^p\.yaml: /);
  });
});

describe('a sample of contexts', () => {
  const served = (variation: string) => ({ variation, value: variation, reason: 'SPLIT' as const, rule: null });

  it('is taken a thousand at a time, one a line or as a list', () => {
    const contexts = Array.from({ length: 2_500 }, (_, at) => ({ targetingKey: `u${at}` }));
    const lines = contexts.map((one) => JSON.stringify(one)).join('\r\n');
    for (const text of [lines, `${lines}\n\n`, JSON.stringify(contexts)]) {
      const samples = samplesOf(text, 'u');
      expect(samples.map(({ first, contexts: { length } }) => [first, length])).toEqual([
        [0, 1_000],
        [1_000, 1_000],
        [2_000, 500],
      ]);
      expect(samples.flatMap((sample) => sample.contexts)).toEqual(contexts);
    }
  });

  it.each<[string, RegExp]>([
    ['{"a":1}\nno', /^u:2: is no JSON/],
    ['{"a":1}\n[1]', /^u:2: is no context/],
    ['[1]', /^u: context 0: is no context/],
    ['[{', /^u: is no JSON/],
  ])('is not %j', (text, told) => {
    expect(() => samplesOf(text, 'u')).toThrow(told);
  });

  it('is summed up over all pages, with whom it would change', () => {
    const change = (context: number) => ({ context, before: served('off'), after: served('on') });
    const page = (first: number, changed: number[]) => ({
      sample: { first, contexts: [{}, {}, {}] },
      flags: [{ flag: 'a.b', changed: changed.map(change), same: 3 - changed.length }],
    });
    const flags = sum([page(0, [1]), page(1_000, [0, 2])]);
    expect(flags).toEqual([{ flag: 'a.b', changed: [1, 1_000, 1_002].map(change), same: 3 }]);
    expect(previewText(flags)).toMatch(
      /^a\.b: 3 contexts of 6 served something else\n +3 +off -> on +SPLIT +as context 1$/,
    );
    expect(previewText([])).toBe('no flag serves anything else');
  });
});

describe('files that another machine names', () => {
  it('go into the folder, and nowhere else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-write-'));
    try {
      for (const name of ['../x.yaml', '/etc/x', 'a/b.yaml', '.profile', '..', 'a\\b', ''])
        await expect(writeFolder(folder, { 'ok.yaml': 'ok', [name]: 'bad' })).rejects.toThrow(/nothing was written/);
      expect(await readdir(folder)).toEqual([]);
      expect(await writeFolder(join(folder, 'new'), { 'ok.yaml': 'ok\n' }, { flags: {} })).toEqual([
        ...['ok.yaml', 'people.json'],
      ]);
      expect(await readFile(join(folder, 'new', 'ok.yaml'), 'utf8')).toBe('ok\n');
      expect((await readdir(join(folder, 'new'))).sort()).toEqual(['ok.yaml', 'people.json']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the next page in a Link header', () => {
  it.each([
    ['</v1/audit?limit=5&cursor=abc>; rel="next"', 'abc'],
    ['<https://control.example/v1/audit?cursor=a%3Db>; rel=next', 'a=b'],
    ['</v1/audit?cursor=abc>; rel="prev"', undefined],
    [null, undefined],
    ['nonsense', undefined],
  ])('of %j is %j', (link, cursor) => {
    expect(nextIn(link)).toBe(cursor);
  });
});
