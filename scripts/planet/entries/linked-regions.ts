/** Regions whose Durable Objects live in another process, at the far end of a link of the planet: see `stream.ts` for that end. */
import { FAILURE_HEADER } from '../wire.ts';

/** As much of the namespace as POPs use: `getByName(name).revalidate(asked)`. It fails as the platform's does. */
export function linkedRegions(link: Fetcher): Env['REGIONS'] {
  async function revalidate(name: string, asked: unknown): Promise<unknown> {
    const body = JSON.stringify(asked);
    const url = `http://stream/planet/regions/${encodeURIComponent(name)}`;
    const response = await link.fetch(url, { method: 'POST', body });
    if (response.headers.has(FAILURE_HEADER)) throw new Error('Network connection lost.');
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
  const regions = { getByName: (name: string) => ({ revalidate: (asked: unknown) => revalidate(name, asked) }) };
  return regions as unknown as Env['REGIONS'];
}
