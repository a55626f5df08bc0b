/** What EdgeKV takes in names; a namespace does not begin with `-`. Source: techdocs.akamai.com/edgekv/docs/limits. */
export const EDGEKV_NAMES = {
  namespace: { pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$/, form: '1 to 32 of A-Z a-z 0-9 _ -, the first no -' },
  group: { pattern: /^[A-Za-z0-9_-]{1,128}$/, form: '1 to 128 of A-Z a-z 0-9 _ -' },
  item: { pattern: /^[A-Za-z0-9_-]{1,512}$/, form: '1 to 512 of A-Z a-z 0-9 _ -' },
} as const;
