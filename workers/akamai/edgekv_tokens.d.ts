/** By `namespace-<namespace>`. */
export const edgekv_access_tokens: Readonly<Record<string, { readonly value?: string; readonly reference?: string }>>;
