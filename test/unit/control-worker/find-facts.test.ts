import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '#schema/control-command';
import { refused } from '#schema/result';
import { createDirectory } from '../../../workers/control/directory.ts';
import { executeWithFacts, findFacts } from '../../../workers/control/find-facts.ts';
import { ask, put } from '../control/fixtures/organisation.ts';
import { editor, everywhere } from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { foundedControl } from './fixtures/control.ts';
import { createTestPorts } from './fixtures/ports.ts';

const needed = { tickets: ['CHG1', 'CHG2'], persons: ['erin', 'emil'], principals: [editor.id, 'sso:gone'] };
const rank = ask([put('flag', 'search.rank', 1, rampFlag(60, { salt: 'search-rank' }))]);
const order = (command: Command) => ({ command, actor: editor, via: 'test' });

afterEach(() => vi.useRealTimers());

const found = async (ports = createTestPorts()) => {
  const known = await findFacts(ports, needed);
  if (!known.ok) throw new Error(known.error.code);
  return known.value;
};

describe('what is found out', () => {
  it('is what was asked for; who left is not among the identities, and a ticket may be unknown', async () => {
    const ports = createTestPorts();
    ports.completed.set('erin', new Set(['payments']));
    const known = await found(ports);
    expect(known.asked).toEqual(needed);
    expect([...known.principals]).toEqual([[editor.id, editor]]);
    expect([...known.tickets]).toEqual([
      ['CHG1', 'open'],
      ['CHG2', 'unknown'],
    ]);
    expect(known.trainings.get('erin')).toEqual(new Set(['payments']));
    expect(known.trainings.get('emil')).toEqual(new Set());
  });

  it('has all accounts that are linked one to another, in a ring too, and the trainings of all of them', async () => {
    const ports = createTestPorts();
    for (const [one, other] of [
      ['erin', 'e.jones'],
      ['e.jones', 'ejones'],
      ['ejones', 'erin'],
    ] as const)
      ports.links.set(one, other);
    ports.completed.set('ejones', new Set(['payments']));
    const known = await found(ports);
    expect(known.linked).toEqual(ports.links);
    expect(known.trainings.get('erin')).toEqual(new Set(['payments']));
  });

  it('B47: has a ticket as unreachable and no trainings where their systems fail', async () => {
    const ports = createTestPorts();
    ports.completed.set('erin', new Set(['payments']));
    ports.down.add('tickets').add('trainings');
    const known = await found(ports);
    expect([...known.tickets.values()]).toEqual(['unreachable', 'unreachable']);
    expect(known.trainings.get('erin')).toEqual(new Set());
    expect(known.principals.size).toBe(1);
  });

  it('is nothing where identities cannot be asked: not that they are gone', async () => {
    const ports = createTestPorts();
    ports.down.add('identities');
    expect(await findFacts(ports, needed)).toEqual({ ok: false, error: { code: 'identities-unreachable' } });
  });

  it('waits for a system that hangs no longer than 5 s', async () => {
    vi.useFakeTimers();
    const never = new Promise<never>(() => undefined);
    const ports = createTestPorts();
    const slowTickets = findFacts({ ...ports, tickets: { stateOf: () => never } }, needed);
    const slowPeople = findFacts({ ...ports, identities: { ...ports.identities, byId: () => never } }, needed);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await slowTickets).toMatchObject({
      ok: true,
      value: {
        tickets: new Map([
          ['CHG1', 'unreachable'],
          ['CHG2', 'unreachable'],
        ]),
      },
    });
    expect(await slowPeople).toMatchObject({ ok: false, error: { code: 'identities-unreachable' } });
  });
});

describe('an order', () => {
  it('is given with what it needs', async () => {
    const control = await foundedControl();
    const done = await executeWithFacts(control.execute, createTestPorts(), order(rank));
    expect(done).toMatchObject({ ok: true, value: { seq: 2 } });
  });

  it('is not given where identities cannot be asked', async () => {
    const control = await foundedControl();
    const ports = createTestPorts();
    ports.down.add('identities');
    const done = await executeWithFacts(control.execute, ports, order(rank));
    expect(done).toEqual({ ok: false, error: { code: 'identities-unreachable' } });
    expect(control.status().entries).toBe(2);
  });

  it('that needs something else each time it is given is given up', async () => {
    let given = 0;
    const execute = async () => {
      given += 1;
      return refused({
        code: 'facts-missing' as const,
        needed: { tickets: [`CHG${given}`], persons: [], principals: [] },
      });
    };
    const done = await executeWithFacts(execute, createTestPorts(), order(rank));
    expect(done).toMatchObject({ ok: false, error: { code: 'facts-missing' } });
    expect(given).toBe(5);
  });
});

describe('a directory that is a setting', () => {
  const ports = createDirectory({
    principals: [
      { sha256: 's'.repeat(43), id: 'sso:ada', person: 'ada', kind: 'person', roles: ['admin'], scopes: everywhere },
    ],
    linked: { ada: 'ada.l' },
    trainings: { ada: ['payments'] },
    tickets: { CHG1: 'open', CHG2: 'closed' },
  });

  it('knows its people, by token and by id, and keeps the token to itself', async () => {
    const ada = { id: 'sso:ada', person: 'ada', kind: 'person', roles: ['admin'], scopes: everywhere };
    expect(await ports.identities.byDigest('s'.repeat(43))).toEqual(ada);
    expect(await ports.identities.byId('sso:ada')).toEqual(ada);
    expect(await ports.identities.byId('sso:adam')).toBeUndefined();
    expect(await ports.identities.byDigest('constructor')).toBeUndefined();
    expect(await ports.identities.linked('ada')).toBe('ada.l');
    expect(await ports.identities.linked('constructor')).toBeUndefined();
  });

  it('knows trainings and tickets', async () => {
    expect(await ports.trainings.completedBy('ada')).toEqual(new Set(['payments']));
    expect(await ports.trainings.completedBy('adam')).toEqual(new Set());
    expect(await ports.tickets.stateOf('CHG1')).toBe('open');
    expect(await ports.tickets.stateOf('CHG2')).toBe('closed');
    expect(await ports.tickets.stateOf('CHG3')).toBe('unknown');
  });

  it('has nobody in it where none is set', async () => {
    const nobody = createDirectory();
    expect(await nobody.identities.byId('sso:ada')).toBeUndefined();
    expect(await nobody.tickets.stateOf('CHG1')).toBe('unknown');
  });
});
