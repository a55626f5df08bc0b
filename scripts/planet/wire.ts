/** Headers on calls between the planet's processes, inside the planet alone. */

/** Says on an answer that it is none, and why: the entry modules (`entries/`) throw as the platform would. */
export const FAILURE_HEADER = 'lockstep-link-failure';

/** Carries a KV key's metadata as JSON, percent-encoded: header values are ASCII. */
export const METADATA_HEADER = 'kv-metadata';

/** On what is asked of EdgeKV over a link: who asks, and how much later than others it sees what is written (milliseconds). */
export const READER_HEADER = 'edgekv-reader';
export const LAG_HEADER = 'edgekv-lag-ms';
