/** A call of the administration API, taken apart. */
export interface AdminRequest {
  readonly method: string;
  /** After `/edgekv/v1/`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly text: string;
}
