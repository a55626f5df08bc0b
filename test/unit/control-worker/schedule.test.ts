/** What was approved takes effect at its time, by the alarm: once, whatever is out of reach and whenever the object is gone. */
import { describe, expect, it } from 'vitest';
import type { Command } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import { ask, itemOf, NOW, onlyRequest, op, put, requestsOf } from '../control/fixtures/organisation.ts';
import * as people from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { exportOf, foundedControl, type TestControl, verified } from './fixtures/control.ts';
import { createFaultyStorage } from './fixtures/faulty-storage.ts';

const AT = NOW + 3_600_000;
const rank = (percent: number) => put('flag', 'search.rank', 1, rampFlag(percent, { salt: 'search-rank' }));
const pay = put('flag', 'billing.pay', 1, rampFlag(9, { salt: 'billing-pay' }));
const project = (key: string): Operation => op({ op: 'put', kind: 'project', key, base: 0, body: { name: key } });
const scheduled = (operations: readonly Operation[], at = AT): Command => ask(operations, { apply: { at } });

const about = (control: TestControl): { request: string; hash: string } => {
  const { id, hash } = onlyRequest(control.state());
  return { request: id, hash };
};

/** Of those entries by which something was applied at its time. */
const appliedIn = (control: TestControl): readonly { actor: { id: string; via: string }; request: string }[] =>
  exportOf(control)
    .split('\n')
    .flatMap((line) => (line.startsWith('{"hash"') ? [JSON.parse(line).leaf.entry] : []))
    .filter(({ action }) => action === 'change.apply+applied');

/** A billing change that a second person approved, to take effect at once or at a time. */
async function approvedBilling(control: TestControl, fields: object = {}): Promise<void> {
  await control.accept(ask([pay], { ticket: 'CHG1', ...fields }), people.billing);
  await control.accept({ type: 'approve', ...about(control) }, people.otherBilling);
}

describe('a scheduled change', () => {
  it('is applied by the control plane at its time, not before, and published', async () => {
    const control = await foundedControl();
    await control.accept(scheduled([rank(60)]), people.editor);
    await control.alarm();
    expect(control.clock.now).toBeLessThan(AT);
    expect([control.dueAt(), control.wake()]).toEqual([AT, AT]);
    control.clock.now = AT - 1;
    await control.tend();
    expect(appliedIn(control)).toEqual([]);
    await control.alarm();
    expect(control.clock.now).toBe(AT);
    expect(appliedIn(control)).toMatchObject([{ actor: { id: 'lockstep', via: 'schedule' } }]);
    expect(itemOf(control.state(), 'search.rank').revision).toBe(2);
    expect(control.publisher.version()).toBe(2);
    await control.calm();
    expect(control.wake()).toBeUndefined();
  });

  it('is applied once, by two alarms at a time and by a life that begins in between', async () => {
    const control = await foundedControl();
    await control.accept(scheduled([rank(60)]), people.editor);
    control.clock.now = AT;
    const tended = [control.tend(), control.tend()];
    await Promise.all(tended);
    const again = control.restarted();
    await Promise.all([again.tend(), again.calm()]);
    expect(appliedIn(again)).toHaveLength(1);
    expect(control.publisher.published()).toBe(2);
  });

  it('does not wait for a publisher that is dark', async () => {
    const control = await foundedControl();
    await control.accept(scheduled([rank(60)]), people.editor);
    control.publisher.fault = 'down';
    await control.accept(ask([project('one')]), people.editor);
    control.clock.now = AT;
    await control.tend();
    expect(appliedIn(control)).toHaveLength(1);
    expect(control.status().environments[0]).toMatchObject({ environment: 'production', frozen: true });
  });

  it('of two that exclude one another the earlier takes effect, though more is to be found out for it', async () => {
    const control = await foundedControl();
    await control.accept(scheduled([rank(70)], AT + 1), people.otherEditor);
    await control.accept(scheduled([rank(60)], AT), people.editor);
    const byId = control.ports.identities.byId;
    control.ports.identities.byId = async (id) => {
      if (id === people.editor.id) await new Promise((resolve) => setTimeout(resolve, 20));
      return byId(id);
    };
    control.clock.now = AT + 1;
    await control.tend();
    expect(appliedIn(control)).toHaveLength(1);
    expect(requestsOf(control.state())).toMatchObject([{ status: 'voided', editors: [{ person: 'emil' }] }]);
  });

  it('is one of many that are due at once', async () => {
    const control = await foundedControl();
    for (let at = 0; at < 120; at++) {
      const author = at % 2 === 0 ? people.editor : people.otherEditor;
      await control.ask(scheduled([project(`p-${at}`)]), author);
    }
    await control.settled();
    control.clock.now = AT;
    await control.tend();
    expect(appliedIn(control)).toHaveLength(120);
  });
});

describe('B47: a change that something outside holds', () => {
  it('is tried again, less and less often, and applied once its ticket can be asked for', async () => {
    const control = await foundedControl();
    await approvedBilling(control, { apply: { at: AT } });
    control.ports.down.add('tickets');
    const { entries } = control.status();
    const gaps: number[] = [];
    control.clock.now = AT;
    for (let turn = 0; turn < 9; turn++) {
      await control.tend();
      gaps.push((control.dueAt() as number) - control.clock.now);
      control.clock.now = control.dueAt() as number;
    }
    // Half of 1 s, 2 s, 4 s … 60 s: the fixture's dice always show a half.
    expect(gaps).toEqual([501, 1_001, 2_001, 4_001, 8_001, 16_001, 30_001, 30_001, 30_001]);
    expect(control.status().entries).toBe(entries);
    expect(onlyRequest(control.state()).status).toBe('scheduled');
    control.ports.down.clear();
    await control.tend();
    expect(appliedIn(control)).toMatchObject([{ actor: { via: 'schedule' } }]);
  });

  it('is void where its ticket is closed, and is not tried again', async () => {
    const control = await foundedControl();
    await approvedBilling(control, { apply: { at: AT } });
    control.ports.states.set('CHG1', 'closed');
    control.clock.now = AT;
    await control.tend();
    await control.calm();
    expect(onlyRequest(control.state())).toMatchObject({ status: 'voided', held: { code: 'ticket' } });
    expect(appliedIn(control)).toEqual([]);
  });

  it('is applied once the training is completed that had run out', async () => {
    const control = await foundedControl();
    control.ports.completed.set('erin', new Set(['search']));
    await control.accept(ask([trained]), people.admin);
    await control.accept({ type: 'approve', ...about(control) }, people.otherAdmin);
    await control.accept(scheduled([rank(60)]), people.editor);
    control.ports.completed.delete('erin');
    control.clock.now = AT;
    await control.tend();
    expect(onlyRequest(control.state()).status).toBe('scheduled');
    control.ports.completed.set('erin', new Set(['search']));
    await control.alarm();
    expect(appliedIn(control)).toHaveLength(1);
  });

  it('is not void because nobody can say who approved it', async () => {
    const control = await foundedControl();
    await approvedBilling(control, { apply: { at: AT } });
    control.ports.down.add('identities');
    control.clock.now = AT;
    for (let turn = 0; turn < 5; turn++) await control.alarm();
    expect(onlyRequest(control.state())).toMatchObject({ status: 'scheduled', approvals: [{ by: { person: 'bo' } }] });
    control.ports.down.clear();
    await control.alarm();
    expect(appliedIn(control)).toHaveLength(1);
  });

  it('is void where who approved it is gone', async () => {
    const control = await foundedControl();
    await approvedBilling(control, { apply: { at: AT } });
    control.ports.principals.delete(people.otherBilling.id);
    control.clock.now = AT;
    await control.tend();
    expect(onlyRequest(control.state())).toMatchObject({ status: 'open', approvals: [] });
  });
});

const trained: Operation = op({
  ...{ op: 'put', kind: 'policy', key: 'search', base: 0 },
  body: {
    ...{ namespaces: ['search'], environments: ['*'], edit: ['editor'] },
    ...{ approvals: { count: 0, roles: [] }, ticket: false, training: ['search'] },
  },
});

describe('B54: a life that ends while it applies what is due', () => {
  const due = async () => {
    const storage = createFaultyStorage();
    const control = await foundedControl({ storage });
    await control.accept(scheduled([rank(60)]), people.editor);
    await control.alarm();
    control.clock.now = AT;
    return { storage, control };
  };

  it('leaves it to the next, which applies it once and publishes it once', async () => {
    const counted = await due();
    counted.storage.failAt(0, 'before');
    await counted.control.calm();
    const count = counted.storage.statements();
    expect(count).toBeGreaterThan(20);
    for (let at = 1; at <= count; at++) {
      const { storage, control } = await due();
      storage.failAt(at, at % 2 === 0 ? 'before' : 'behind');
      await control.calm().catch(() => undefined);
      storage.failAt(0, 'before');
      const after = control.restarted();
      await after.calm();
      expect(appliedIn(after)).toHaveLength(1);
      expect(control.publisher.published()).toBe(2);
      expect(itemOf(after.state(), 'search.rank').revision).toBe(2);
      expect(await verified(exportOf(after))).toMatchObject({ ok: true, proven: after.status().entries });
    }
  });
});
