/**
 * Reads and writes a ruleset through Cloudflare's REST API for Workers KV, for writers outside Workers.
 * Source: developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values
 */
import { type RulesetMetadata, rulesetKey } from './ruleset-key.ts';

export interface KvRestOptions {
  /** `https://api.cloudflare.com/client/v4/accounts/<account>/storage/kv/namespaces/<namespace>`, or a stand-in's. */
  readonly namespaceUrl: string;
  readonly token: string;
  readonly environment: string;
  readonly fetch: typeof fetch;
}

/** What a publisher needs of a place where rulesets are kept. */
export interface RulesetTarget {
  /** The ruleset that lies there; undefined where there is none. */
  read(): Promise<string | undefined>;
  /** The version that lies there, without reading it all; undefined where there is none. */
  version(): Promise<number | undefined>;
  write(ruleset: string, metadata: RulesetMetadata): Promise<void>;
}

/** The store answered, but not with what was asked for. */
export class KvError extends Error {
  override readonly name = 'KvError';
}

export function createKvRest({ namespaceUrl, token, environment, fetch }: KvRestOptions): RulesetTarget {
  const key = encodeURIComponent(rulesetKey(environment));
  const url = `${namespaceUrl}/values/${key}`;
  const authorization = `Bearer ${token}`;
  return {
    async read() {
      const response = await fetch(url, { headers: { authorization } });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new KvError(`reading the ruleset: HTTP ${response.status}`);
      return response.text();
    },
    async version() {
      const response = await fetch(`${namespaceUrl}/metadata/${key}`, { headers: { authorization } });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new KvError(`reading the version: HTTP ${response.status}`);
      const { result } = (await response.json()) as { readonly result: Partial<RulesetMetadata> | null };
      return result?.version;
    },
    async write(ruleset, metadata) {
      const body = new FormData();
      // A blob, for a form turns the line feeds of a text field into CRLF.
      body.set('value', new Blob([ruleset]));
      body.set('metadata', JSON.stringify(metadata));
      const response = await fetch(url, { method: 'PUT', headers: { authorization }, body });
      if (!response.ok) throw new KvError(`writing the ruleset: HTTP ${response.status}`);
    },
  };
}
