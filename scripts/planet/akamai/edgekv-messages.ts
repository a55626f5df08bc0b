/** What goes between the planet and EdgeKV's process. */
import type { EdgeGridCredentials } from '#edgekv/akamai/edgegrid';

export interface EdgeKvStart {
  readonly port: number;
  readonly credentials: EdgeGridCredentials;
  /** Where its contents are kept. */
  readonly file: string;
}

export type FromEdgeKv =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
