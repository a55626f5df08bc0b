import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editor } from '../unit/control/fixtures/people.ts';
import { failing } from '../unit/control-worker/fixtures/receivers.ts';
import { type ControlServer, startControlServer } from './fixtures/control-server.ts';
import { endAll } from './fixtures/processes.ts';

const CHAT = 'https://chat.example/in';
const why = ['--reason', 'so that the team hears'];

let server: ControlServer;
beforeAll(async () => {
  server = await startControlServer();
});
afterAll(() => {
  endAll();
  server.close();
});

const json = async (...line: string[]) => {
  const { code, stdout } = await server.run([...line, '--json']);
  return { code, answer: JSON.parse(stdout) };
};

describe('webhooks', () => {
  it('are made, listed and changed, a field at a time', async () => {
    const all = ['--event', 'change.applied', '--event', 'change.opened', '--in', '*'];
    const made = await server.run(['webhooks', 'set', 'chat', '--to', CHAT, ...all, ...why]);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(await server.run(['webhooks', 'set', 'chat', '--event', '*', ...why])).toMatchObject({ code: 0 });
    const list = await server.run(['webhooks', 'list']);
    expect(list.stdout).toMatch(/^chat +https:\/\/chat\.example\/in +\* +\* +on +2$/m);
    expect(await server.run(['webhooks', 'set', 'chat', '--no-enable', ...why])).toMatchObject({ code: 0 });
    expect((await server.run(['webhooks', 'list'])).stdout).toMatch(/ off +3$/m);
    expect(await server.run(['webhooks', 'set', 'chat', '--enable', ...why])).toMatchObject({ code: 0 });
  });

  it('B52: may not lead inside, and the command says so', async () => {
    const inside = ['webhooks', 'set', 'inside', '--to', 'https://169.254.169.254/', '--event', '*', '--in', '*'];
    const refused = await server.run([...inside, ...why]);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/the address of webhook inside is an address that is not public/);
  });

  it('are tested by admins: 0 where it is taken, 1 where it is not', async () => {
    expect(await server.run(['webhooks', 'test', 'chat'])).toMatchObject({ code: 0 });
    server.api.control.receivers.answers.set(CHAT, () => failing);
    const failed = await server.run(['webhooks', 'test', 'chat']);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/failed +1 +HTTP 503: the receiver answered 503$/m);
    expect(await server.run(['webhooks', 'test', 'chat'], { as: editor })).toMatchObject({ code: 1, stdout: '' });
  });

  it('show what they were sent, and are sent it again', async () => {
    const { answer: page } = await json('webhooks', 'deliveries', 'chat', '--limit', '1');
    const [{ id, status }] = page.items;
    expect(status).toBe('failed');
    server.api.control.receivers.answers.clear();
    expect(await json('webhooks', 'retry', 'chat', id)).toMatchObject({
      ...{ code: 0, answer: { id, status: 'delivered', attempts: 2, code: 204 } },
    });
    expect(server.api.control.receivers.idsAt(CHAT).filter((one) => one === id)).toHaveLength(2);
    expect(await server.run(['webhooks', 'retry', 'chat', 'msg_none'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('are verified with keys that come one a line', async () => {
    expect((await server.run(['webhooks', 'keys'])).stdout).toMatch(/^whpk_[\w+/=]+\n$/);
  });
});
