import { describe, expect, it } from 'vitest';
import { dueKeys } from '#control/due-work';
import { keyDocument } from '#control/key-document';
import type { State } from '#control/state';
import { rowsOf, stateOfRows } from '#control/state-rows';
import { digestOfText } from '#ruleset/write/digest';
import type { Operation } from '#schema/control-operation';
import { MAX_KEY_LINES } from '#schema/limits';
import { accept, ask, facts, NOW, op, organisation, PRODUCTION, refusalOf } from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();
const sha = (text: string): string => text.padEnd(43, 'x');
const system = { kind: 'system', id: 'lockstep' } as const;

const create = (key: string, sha256: string, fields: object = {}): Operation =>
  op({
    ...{ op: 'create', kind: 'sdk-key', key, base: 0 },
    body: { kind: 'server', service: key, environment: PRODUCTION, namespaces: ['*'], sha256, ...fields },
  });
const rotate = (key: string, base: number, sha256: string, overlapMs: number): Operation =>
  op({ op: 'rotate', kind: 'sdk-key', key, base, sha256, overlapMs });
const revoke = (key: string, base: number): Operation => op({ op: 'revoke', kind: 'sdk-key', key, base });

const applied = (from: State, operation: Operation): State => accept(from, ask([operation]), people.admin).state;
const linesIn = (from: State, now = NOW, environment = PRODUCTION): string[] =>
  keyDocument(from, environment, now).lines.split('\n').slice(0, -1);
const dueIn = (from: State, now = NOW): string[] => dueKeys(from, now).map(({ environment }) => environment);
const acknowledged = (from: State, version: number, digest: string): State =>
  accept(from, { type: 'acknowledge-keys', environment: PRODUCTION, version, digest }, system).state;

describe('the keys of an environment', () => {
  const made = applied(
    applied(state, create('shop', sha('b'))),
    create('app', sha('a'), { kind: 'client', namespaces: ['ui', 'pricing', 'ui'] }),
  );

  it('are a line each, by their digests, with service, kind and namespaces, and nothing else of what people wrote', () => {
    expect(linesIn(made)).toEqual([
      `{"k":"${sha('a')}","t":"client","s":"app","n":["pricing","ui"]}`,
      `{"k":"${sha('b')}","t":"server","s":"shop","n":["*"]}`,
    ]);
  });

  it('B51: are those of that environment alone', () => {
    const staging = applied(made, create('stage', sha('c'), { environment: 'staging', namespaces: ['ui', '*'] }));
    expect(linesIn(staging)).toEqual(linesIn(made));
    expect(linesIn(staging, NOW, 'staging')).toEqual([`{"k":"${sha('c')}","t":"server","s":"stage","n":["*"]}`]);
  });

  it('B19: hold both secrets while a rotation lasts, and tell when the old one ends', () => {
    const rotated = applied(made, rotate('shop', 1, sha('d'), 60_000));
    expect(linesIn(rotated).slice(1)).toEqual([
      `{"k":"${sha('b')}","t":"server","s":"shop","n":["*"],"e":${NOW + 60_000}}`,
      `{"k":"${sha('d')}","t":"server","s":"shop","n":["*"]}`,
    ]);
    expect(keyDocument(rotated, PRODUCTION, NOW).until).toBe(NOW + 60_000);
    expect(linesIn(rotated, NOW + 60_000)).toHaveLength(2);
    expect(keyDocument(rotated, PRODUCTION, NOW + 60_000).until).toBe(Number.POSITIVE_INFINITY);
    // A clock that was set back.
    expect(linesIn(rotated, NOW)).toHaveLength(3);
  });

  it('B51: hold both secrets of a rotation to other namespaces, each with its own', () => {
    const others = { ...rotate('shop', 1, sha('d'), 60_000), namespaces: ['ui', 'search'] } as Operation;
    const rotated = applied(made, others);
    expect(linesIn(rotated).slice(1)).toEqual([
      `{"k":"${sha('b')}","t":"server","s":"shop","n":["*"],"e":${NOW + 60_000}}`,
      `{"k":"${sha('d')}","t":"server","s":"shop","n":["search","ui"]}`,
    ]);
    expect(linesIn(rotated, NOW + 60_000)).toHaveLength(2);
  });

  it('B49: lack what was revoked, at once', () => {
    expect(linesIn(applied(made, revoke('shop', 1)))).toEqual([
      `{"k":"${sha('a')}","t":"client","s":"app","n":["pricing","ui"]}`,
    ]);
  });

  it('are at most what a document holds: what would not be published is refused', () => {
    const namespaces = Array.from({ length: 255 }, (_, at) => `${at}`.padEnd(64, 'n'));
    let full = state;
    const fill = (at: number): Operation => create(`service-${at}`, sha(`s${at}-`), { namespaces });
    const fits = Math.floor(MAX_KEY_LINES / 17_200);
    for (let at = 0; at < fits; at++) full = applied(full, fill(at));
    const refusal = { code: 'too-many', what: `bytes of SDK keys in environment ${PRODUCTION}`, most: MAX_KEY_LINES };
    expect(refusalOf(full, ask([fill(fits)]), people.admin)).toEqual(refusal);
    expect(refusalOf(full, ask([rotate('service-0', 1, sha('r'), 60_000)]), people.admin)).toEqual(refusal);
    expect(linesIn(applied(full, rotate('service-0', 1, sha('r'), 0)))).toHaveLength(fits);
    expect(linesIn(applied(full, revoke('service-0', 1)))).toHaveLength(fits - 1);
  });
});

describe('what is due', () => {
  const made = applied(state, create('shop', sha('b'), { expiresAt: NOW + 5_000 }));
  const [first] = dueKeys(made, NOW);
  const known = acknowledged(made, 1, first?.digest as string);

  it('is nothing where there never were keys', () => {
    expect(dueKeys(state, NOW)).toEqual([]);
    expect(keyDocument(state, PRODUCTION, NOW).until).toBe(Number.POSITIVE_INFINITY);
  });

  it('are the keys of an environment until its publisher has them, and again when they are others', () => {
    const { lines, digest } = keyDocument(made, PRODUCTION, NOW);
    expect(dueKeys(made, NOW)).toEqual([{ environment: PRODUCTION, version: 0, lines, digest }]);
    expect(digest).toBe(digestOfText(lines));
    expect(dueIn(known)).toEqual([]);
    expect(dueKeys(applied(known, revoke('shop', 1)), NOW)).toEqual([
      { environment: PRODUCTION, version: 1, lines: '', digest: digestOfText('') },
    ]);
  });

  it('are the keys when one of them ends, without anybody doing anything', () => {
    expect(dueIn(known, NOW + 4_999)).toEqual([]);
    expect(dueIn(known, NOW + 5_000)).toEqual([PRODUCTION]);
  });

  it('is what the publisher acknowledged for whoever folds the log or reads the rows', () => {
    expect(dueIn(stateOfRows(JSON.parse(JSON.stringify(rowsOf(known)))))).toEqual([]);
    // What an organisation has kept since before there were such documents.
    const rows = JSON.parse(JSON.stringify(rowsOf(state)), (key, value) => (key === 'keys' ? undefined : value));
    expect(dueIn(applied(stateOfRows(rows), create('shop', sha('b'))))).toEqual([PRODUCTION]);
  });

  it('is acknowledged by the control plane alone, and said twice leaves no entry', () => {
    const again = {
      type: 'acknowledge-keys',
      environment: PRODUCTION,
      version: 1,
      digest: first?.digest as string,
    } as const;
    expect(accept(known, again, system).events).toEqual([]);
    expect(refusalOf(known, again, people.admin, facts()).code).toBe('system-only');
    expect(refusalOf(known, { ...again, environment: 'theirs' }, system).code).toBe('not-found');
  });
});
