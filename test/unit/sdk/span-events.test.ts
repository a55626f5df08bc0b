import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createLockstepProvider } from '#sdk/openfeature/lockstep-provider';
import { createSpanEventHook, type SpanEventOptions } from '#sdk/openfeature/span-events';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { runClient } from './fixtures/lockstep-client.ts';
import { type Edition, editionOf } from './fixtures/upstream-client.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('test');

/** The span that is active while a flag is evaluated: tests are one after the other, and need no more. */
let active: Context = ROOT_CONTEXT;
const manager: ContextManager = {
  active: () => active,
  with: (_context, work, self, ...given) => work.call(self, ...given),
  bind: (_context, target) => target,
  enable: () => manager,
  disable: () => manager,
};

const DOMAIN = 'spans';
let signer: Signer;
let edition: Edition;
beforeAll(async () => {
  signer = await createSigner();
  edition = await editionOf(signer, 1, [{ k: 'a.on', r: 1, o: 0, f: 1 }] as never);
  context.setGlobalContextManager(manager);
});
afterEach(async () => {
  active = ROOT_CONTEXT;
  exporter.reset();
  await OpenFeature.clearProviders();
});

async function flagsWith(options?: SpanEventOptions): Promise<Client> {
  const { client, give } = runClient(signer);
  const ready = OpenFeature.setProviderAndWait(DOMAIN, createLockstepProvider(client));
  await give(edition);
  await ready;
  const flags = OpenFeature.getClient(DOMAIN);
  flags.addHooks(createSpanEventHook(options));
  return flags;
}

/** What the span has of it, once the work is done in it. */
async function eventsOf(
  work: () => Promise<unknown>,
): Promise<readonly (readonly [name: string, attributes: unknown])[]> {
  const span = tracer.startSpan('checkout');
  active = trace.setSpan(ROOT_CONTEXT, span);
  await work();
  span.end();
  return exporter.getFinishedSpans().flatMap(({ events }) => events.map(({ name, attributes }) => [name, attributes]));
}

describe('what a flag was evaluated to, as an event of the active span', () => {
  it('has the flag, its variation, why, and by which version', async () => {
    const flags = await flagsWith({ setId: 'production' });
    expect(await eventsOf(() => flags.getBooleanValue('a.on', false, { targetingKey: 'ana' }))).toEqual([
      [
        'feature_flag.evaluation',
        {
          'feature_flag.key': 'a.on',
          'feature_flag.provider.name': 'lockstep',
          'feature_flag.result.reason': 'static',
          'feature_flag.result.variant': 'on',
          'feature_flag.version': '1',
          'feature_flag.set.id': 'production',
        },
      ],
    ]);
  });

  it('has a pseudonym of the unit where there is somebody to make it, and never its key or a value', async () => {
    const pseudonym = createPseudonymiser(new Uint8Array(32));
    const flags = await flagsWith({ pseudonym });
    const events = await eventsOf(() => flags.getBooleanValue('a.on', false, { targetingKey: 'ana', mail: 'ana@b.c' }));
    expect(events[0]?.[1]).toMatchObject({ 'feature_flag.context.id': pseudonym('user', 'ana') });
    expect(JSON.stringify(events)).not.toMatch(/"ana|ana@|true/);
  });

  it('has the kind of an error, and no message', async () => {
    const flags = await flagsWith();
    const events = await eventsOf(() => flags.getBooleanValue('a.unknown', true));
    expect(events[0]?.[1]).toMatchObject({
      'feature_flag.result.reason': 'error',
      'error.type': 'flag_not_found',
    });
    expect(JSON.stringify(events)).not.toContain('message');
  });

  it('is none without a span, and none of a span that is not recorded', async () => {
    const flags = await flagsWith();
    expect(await flags.getBooleanValue('a.on', false)).toBe(true);
    active = trace.setSpanContext(ROOT_CONTEXT, { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 });
    expect(await flags.getBooleanValue('a.on', false)).toBe(true);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
