/** Headers on calls between the planet's processes, inside the planet alone. */

/** Says on an answer that it is none, and why: the entry modules (`entries/`) throw as the platform would. */
export const FAILURE_HEADER = 'lockstep-link-failure';

/** Carries a KV key's metadata as JSON, percent-encoded: header values are ASCII. */
export const METADATA_HEADER = 'kv-metadata';
