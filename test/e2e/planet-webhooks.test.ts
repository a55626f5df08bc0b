/** Webhooks as they leave workerd: receivers on this machine, which believe nothing but the signature. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ControlClient, createControlClient, pathOf } from '../../scripts/cli/control-client.ts';
import { placeOfPlanet } from '../../scripts/cli/control-place.ts';
import { verifies } from '../unit/control-worker/fixtures/verifies.ts';
import { hurt } from './fixtures/faults.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { type Received, startWebhookReceiver, type WebhookReceiver } from './fixtures/webhook-receiver.ts';

let planet: Planet;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  planet = await startPlanet();
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.close();
});
afterAll(endPlanets);

const admin = (): ControlClient => createControlClient(placeOfPlanet(planet.file, 'admin'));
const justification = 'a test of the planet';

async function hooked(key: string, events: readonly string[] = ['change.applied']): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver();
  receivers.push(receiver);
  const body = { url: receiver.url, events, environments: ['*'] };
  await admin().must({ method: 'PUT', path: pathOf('webhooks', key), seen: 'new', body: { body, justification } });
  return receiver;
}

const change = (key: string) =>
  admin().must<{ readonly seq: number }>({
    ...{ method: 'PUT', path: pathOf('projects', key), seen: 'new' },
    body: { body: { name: key }, justification },
  });

const seqIn = ({ body }: Received): number =>
  (JSON.parse(body) as { readonly data: { readonly seq: number } }).data.seq;
const idIn = ({ headers }: Received): string | null => headers.get('webhook-id');

async function verified({ headers, body }: Received): Promise<boolean> {
  const { keys } = await admin().must<{ readonly keys: readonly string[] }>({ path: pathOf('webhooks', 'keys') });
  const text = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`;
  return keys.some((key) => verifies(key, headers.get('webhook-signature') ?? '', text));
}

describe('a webhook of the planet', () => {
  it('is told of a change, signed by the key that the API gives', async () => {
    const receiver = await hooked('told');
    const { seq } = await change('told');
    const message = await until('the change is told', () => receiver.received[0]);
    expect(message.headers.get('content-type')).toBe('application/json');
    expect(seqIn(message)).toBe(seq);
    expect(await verified(message)).toBe(true);
    expect(await verified({ ...message, body: `${message.body} ` })).toBe(false);
    expect(Math.abs(Date.now() / 1_000 - Number(message.headers.get('webhook-timestamp')))).toBeLessThan(60);
  });

  it('B52: is not followed to where it sends on', async () => {
    const elsewhere = await startWebhookReceiver();
    receivers.push(elsewhere);
    const receiver = await hooked('onwards');
    receiver.answer = () => new Response(null, { status: 307, headers: { location: elsewhere.url } });
    const path = pathOf('webhooks', 'onwards', 'test');
    expect(await admin().must({ method: 'POST', path })).toMatchObject({ status: 'failed', code: 307 });
    expect(elsewhere.received).toEqual([]);
  });

  it('that hangs holds up no change and no other', async () => {
    const slow = await hooked('slow');
    slow.answer = () => new Promise(() => undefined);
    const other = await hooked('other');
    const begun = Date.now();
    const { seq } = await change('hurried');
    await until('the other is told', () => other.received.some((message) => seqIn(message) === seq));
    expect(Date.now() - begun).toBeLessThan(9_000);
    expect(slow.received.length).toBeGreaterThan(0);
  });

  it('B54: is told after the control plane was killed, what it had not taken before, by the same id', async () => {
    const receiver = await hooked('restarted');
    receiver.answer = () => new Response(null, { status: 503 });
    const { seq } = await change('restarted');
    const first = await until('it is tried', () => receiver.received[0]);
    await hurt(planet, 'control', 'restart');
    const before = receiver.received.length;
    receiver.answer = () => new Response(null, { status: 204 });
    const again = await until('it is told again', () => receiver.received[before], 90_000);
    expect([seqIn(again), idIn(again)]).toEqual([seq, idIn(first)]);
    expect(await verified(again)).toBe(true);
  }, 300_000);
});
