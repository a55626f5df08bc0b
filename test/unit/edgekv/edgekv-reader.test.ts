import { expect, it } from 'vitest';
import { createEdgeKvReader } from '#edgekv/akamai/edgekv-reader';
import { MAX_VIEW } from '#schema/limits';

const ITEM = { namespace: 'lockstep', group: 'production', item: 'pricing' };

/** A reader whose EdgeKV gives a text of that `Content-Length`, and how often the text was taken. */
function createReader(length: string | undefined) {
  let taken = 0;
  const reader = createEdgeKvReader(
    async () => ({
      status: 200,
      getHeader: (name) => (name === 'Content-Length' && length !== undefined ? [length] : undefined),
      async text() {
        taken++;
        return 'text';
      },
    }),
    ITEM,
    { value: 'token' },
    300,
  );
  return { read: reader.read, taken: () => taken };
}

it('a body that says it is over the cap is not read', async () => {
  const { read, taken } = createReader(String(MAX_VIEW + 1));
  await expect(read()).rejects.toThrow(`EdgeKV: over ${MAX_VIEW} bytes`);
  expect(taken()).toBe(0);
});

it.each([String(MAX_VIEW), undefined, 'soon'])('one that says %s is', async (length) => {
  const { read, taken } = createReader(length);
  expect([await read(), taken()]).toEqual(['text', 1]);
});
