/** A service binding whose Worker is another process, at the far end of a link of the planet. */
import { FAILURE_HEADER } from '../wire.ts';

/** Rejects, as the platform's does, where the other end cannot be reached. */
export function linkedService(link: Fetcher): Fetcher {
  const fetch: Fetcher['fetch'] = async (input, init) => {
    const response = await link.fetch(input, init);
    if (response.headers.has(FAILURE_HEADER)) throw new Error('Network connection lost.');
    return response;
  };
  return { fetch } as Fetcher;
}
