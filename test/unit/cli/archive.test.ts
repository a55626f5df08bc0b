import { expect, it } from 'vitest';
import { archivedObjects, objectsText } from '../../../scripts/cli/archive.ts';

const OPTIONS = { from: '2026-11-23T08:00:00Z', to: '2026-11-23T10:00:00Z', outcomes: false };
const object = (at: number) => ({
  name: `exposures/production/a.b/2026/11/23/0${at}/i-000000000001-000000000002-digest.ndjson.gz`,
  bytes: at,
});

async function listed<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}

it('objects are asked for page after page', async () => {
  const asked: string[] = [];
  const pages = [{ objects: [object(8)], next: 'one' }, { objects: [], next: 'two' }, { objects: [object(9)] }];
  const ask = async (_: string, path: string) => {
    asked.push(path);
    return pages[asked.length - 1];
  };
  expect(await listed(archivedObjects({ ask }, 'a.b', OPTIONS))).toEqual([object(8), object(9)]);
  expect(asked).toEqual(
    ['', 'one', 'two'].map((cursor) => `/v1/archive?flag=a.b&from=1795420800000&to=1795428000000&cursor=${cursor}`),
  );
});

it('a metric is asked for as one, and a time that is none is the caller’s mistake', async () => {
  const ask = async (_: string, path: string) => ({ objects: [{ name: path, bytes: 0 }] });
  const [first] = await listed(archivedObjects({ ask }, 'render', { ...OPTIONS, outcomes: true }));
  expect(first?.name).toContain('metric=render');
  const wrong = listed(archivedObjects({ ask }, 'a.b', { ...OPTIONS, to: 'tomorrow' }));
  await expect(wrong).rejects.toThrow('--to: must be a time');
});

it('objects are told as a table by their hours', () => {
  expect(objectsText([object(8)]).split('\n')).toEqual([
    'hour            bytes  name',
    `2026-11-23T08Z  8      ${object(8).name}`,
  ]);
  expect(objectsText([])).toBe('nothing is archived of these hours');
});
