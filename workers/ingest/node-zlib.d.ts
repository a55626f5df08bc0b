/** The one function of Node's that a Worker here uses; `@types/node` as a whole would bring Node's globals along. */
declare module 'node:zlib' {
  export function gunzipSync(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array;
}
