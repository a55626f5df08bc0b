import { describe, expect, it } from 'vitest';
import { createKvKeysWriter, createKvWriter, type KvWriterBinding } from '#edgekv/cloudflare/kv-writer';
import { TargetBusy } from '#edgekv/ruleset-target';

const METADATA = { version: 7, sha256: 'd'.repeat(43) };

/** A KV that holds what it is given, and fails with `error` where there is one. */
function createKv(error?: Error) {
  const puts: unknown[][] = [];
  const values = new Map<string, string>();
  const binding: KvWriterBinding = {
    get: async (key) => values.get(key) ?? null,
    async put(key, value, options) {
      puts.push([key, value, options]);
      if (error !== undefined) throw error;
      values.set(key, value);
    },
  };
  return { puts, writer: createKvWriter(binding, 'production'), keys: createKvKeysWriter(binding, 'production') };
}

describe('a writer to Workers KV', () => {
  it('writes the whole text under the environment’s key, and what a writer may look at beside it', async () => {
    const { writer, puts } = createKv();
    expect(await writer.read()).toBeUndefined();
    await writer.write('header\nlines\n', METADATA);
    expect(puts).toEqual([['ruleset:production', 'header\nlines\n', { metadata: METADATA }]]);
    expect(await writer.read()).toBe('header\nlines\n');
  });

  it('writes the keys document beside it', async () => {
    const { keys, writer, puts } = createKv();
    await keys.write('header\nkeys\n', METADATA);
    expect([keys.name, puts]).toEqual(['kv/keys', [['keys:production', 'header\nkeys\n', { metadata: METADATA }]]]);
    expect([await keys.read(), await writer.read()]).toEqual(['header\nkeys\n', undefined]);
  });

  it('tells where KV asks for patience', async () => {
    const { writer } = createKv(new Error('KV PUT failed: 429 Too Many Requests'));
    await expect(writer.write('x', METADATA)).rejects.toThrow(TargetBusy);
  });

  it.each([
    'KV PUT failed: 500 Internal Server Error',
    'Network connection lost.',
    'KV PUT failed: 413 Value too large: 4290',
  ])('fails where KV does: %s', async (message) => {
    const { writer } = createKv(new Error(message));
    const failure = await writer.write('x', METADATA).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(TargetBusy);
    expect((failure as Error).message).toBe(message);
  });
});
