import { reset } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { hourPrefix, objectName } from '../../workers/ingest/archive-names.ts';
import { type ArchiveReader, createR2Reader } from '../../workers/ingest/archive-port.ts';
import { bucket } from './fixtures/archive.ts';
import { bearer, createIngest, gzipped, type IngestParts } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const HOUR_MS = 3_600_000;
const FLAG = 'pricing.fareBundlingV2';

async function createAsked(parts: IngestParts = { archive: createR2Reader(bucket) }) {
  const { ask } = await createIngest(parts);
  return async (path: string, kind: Parameters<typeof bearer>[0] = 'control') => {
    const response = await ask(path, { headers: { authorization: bearer(kind) } });
    return { status: response.status, response, json: async () => (await response.json()) as Record<string, unknown> };
  };
}

/** Two objects of each of these hours since 1970; their names. */
async function putHours(hours: readonly number[], environment = 'production', subject = FLAG): Promise<string[]> {
  const names = hours.flatMap((hour) =>
    [1, 2].map((from) => {
      const prefix = hourPrefix({ kind: 'exposures', environment, subject }, hour);
      return objectName(prefix, { inbox: 'a', from, until: from }, 'digest');
    }),
  );
  for (const name of names) await bucket.put(name, await gzipped(`{"of":"${name}"}\n`));
  return names;
}

it('the archive names its objects of a flag and of hours, page by page, and no others', async () => {
  const asked = await createAsked();
  const names = await putHours([99, 100, 101, 102]);
  await putHours([100], 'staging');
  await putHours([100], 'production', `${FLAG}x`);
  const found: string[] = [];
  let [next, pages] = ['', 0];
  do {
    const query = `flag=${FLAG}&from=${100 * HOUR_MS + 1}&to=${102 * HOUR_MS}&limit=3&cursor=${next}`;
    const answer = await (await asked(`/v1/archive?${query}`)).json();
    const { objects } = answer as { readonly objects: readonly { readonly name: string; readonly bytes: number }[] };
    expect(objects.every(({ bytes }) => bytes > 0)).toBe(true);
    found.push(...objects.map(({ name }) => name));
    next = (answer['next'] as string | undefined) ?? '';
    pages++;
  } while (next !== '');
  expect(found).toEqual(names.slice(2, 6));
  expect(pages).toBe(2);
});

it('an object of the archive is given as it lies there, to control alone', async () => {
  const asked = await createAsked();
  const [name = ''] = await putHours([100]);
  const { response } = await asked(`/v1/archive/${name}`);
  expect([response.headers.get('content-type'), response.headers.get('content-encoding')]).toEqual([
    'application/x-ndjson',
    'gzip',
  ]);
  const lines = new Response(response.body?.pipeThrough(new DecompressionStream('gzip')));
  expect(await lines.json()).toEqual({ of: name });
  for (const kind of ['server', 'client', 'relay', 'pop', 'rollout'] as const) {
    expect((await asked(`/v1/archive/${name}`, kind)).status).toBe(403);
    expect((await asked(`/v1/archive?flag=${FLAG}&from=0&to=1`, kind)).status).toBe(403);
  }
});

it.each([
  ['nothing', ''],
  ['a flag and a metric', `flag=${FLAG}&metric=render&from=0&to=1`],
  ['no time', `flag=${FLAG}`],
  ['a time that ends before it begins', `flag=${FLAG}&from=2&to=1`],
  ['a time beyond all names', `flag=${FLAG}&from=0&to=253402300799999`],
  ['a flag that leads elsewhere', 'flag=../staging/a&from=0&to=1'],
  ['too many', `flag=${FLAG}&from=0&to=1&limit=1001`],
  ['half an object', `flag=${FLAG}&from=0&to=1&limit=0.5`],
  ['a cursor of another question', `flag=${FLAG}&from=0&to=1&cursor=exposures/staging/a`],
])('B05: %s is no question to the archive', async (_, query) => {
  const { status, json } = await (await createAsked())(`/v1/archive?${query}`);
  expect([status, Object.keys(await json())]).toMatchObject([400, expect.arrayContaining(['detail'])]);
});

it('of what is not there the archive says so: an object, one of another environment, an archive', async () => {
  const asked = await createAsked();
  const [other = ''] = await putHours([100], 'staging');
  const names = [
    other,
    'exposures/production/a/1970/01/01/00/b',
    '..%2Fa',
    `exposures/production/${'a'.repeat(2_000)}`,
  ];
  for (const name of names) expect((await asked(`/v1/archive/${name}`)).status).toBe(404);
  const withoutOne = await (await createAsked({}))(`/v1/archive?flag=${FLAG}&from=0&to=1`);
  expect([withoutOne.status, await withoutOne.json()]).toMatchObject([
    404,
    { detail: expect.stringContaining('ARCHIVE') },
  ]);
});

it('B35: an archive that fails is to be asked again, and its words are in the log alone', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  const list = () => Promise.reject(new Error('R2 is not there'));
  const archive: ArchiveReader = createR2Reader({ list, get: list } as unknown as R2Bucket);
  const asked = await createAsked({ archive });
  for (const path of [`/v1/archive?flag=${FLAG}&from=0&to=1`, '/v1/archive/exposures/production/a']) {
    const { status, response, json } = await asked(path);
    expect([status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.stringify(await json())).not.toContain('R2 is');
  }
  expect(log.mock.calls).toEqual([['ArchiveError: R2 is not there'], ['ArchiveError: R2 is not there']]);
});
