/** Reads a view inside an EdgeWorker: one sub-request. Source: techdocs.akamai.com/edgekv, and Akamai's own helper, `edgekv.js`. */
import { MAX_VIEW } from '#schema/limits';

/** As much of the module `http-request` as is used. */
export type HttpRequest = (
  url: string,
  options: { readonly headers: Record<string, string>; readonly timeout: number },
) => Promise<HttpAnswer>;

export interface HttpAnswer {
  readonly status: number;
  getHeader(name: string): string[] | null | undefined;
  text(): Promise<string>;
}

export interface EdgeKvItem {
  readonly namespace: string;
  readonly group: string;
  readonly item: string;
}

/** An entry of `edgekv_tokens.js`: the token itself, or the reference by which the platform finds it. */
export interface EdgeKvToken {
  readonly value?: string;
  readonly reference?: string;
}

const HOST = 'https://edgekv.akamai-edge-svcs.net';

export function createEdgeKvReader(
  httpRequest: HttpRequest,
  { namespace, group, item }: EdgeKvItem,
  token: EdgeKvToken | undefined,
  timeoutMs: number,
) {
  const url = `${HOST}/api/v1/namespaces/${namespace}/groups/${group}/items/${item}`;
  return {
    /** The text as it lies there, unverified; undefined where there is none. Rejects where EdgeKV does not give it. */
    async read(): Promise<string | undefined> {
      if (token === undefined) throw new Error(`EdgeKV: no token for namespace ${namespace} in edgekv_tokens.js`);
      const response = await httpRequest(url, { headers: authorization(token), timeout: timeoutMs });
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw new Error(`EdgeKV: HTTP ${response.status}`);
      // Before its body is read: that alone can be more than an event may hold.
      if (Number(response.getHeader('Content-Length')?.[0] ?? 0) > MAX_VIEW) {
        throw new Error(`EdgeKV: over ${MAX_VIEW} bytes`);
      }
      return response.text();
    },
  };
}

const authorization = ({ value, reference }: EdgeKvToken): Record<string, string> =>
  reference === undefined ? { 'X-Akamai-EdgeDB-Auth': value ?? '' } : { 'X-Akamai-EdgeDB-Auth-Ref': reference };
