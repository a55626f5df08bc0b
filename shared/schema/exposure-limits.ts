/** The bounds of exposures and their beacons. Zod-free, as `limits.ts` is. */

/** The body of a beacon, as sent and inflated. */
export const MAX_BEACON_SENT = 256 * 1024;
export const MAX_BEACON = 1024 * 1024;
/** How many times larger inflating may make it, above the first 64 KiB: exposures, whose units are random, stay below 20. */
export const MAX_INFLATION = 100;
/** Events and outcomes together; and as many collapsed counts. */
export const MAX_BEACON_EVENTS = 1_000;
export const MAX_BEACON_DEPTH = 32;
/** SDK keys whose last use a beacon tells: more than a keys document holds. */
export const MAX_KEY_USES = 1_500;
/** One of an emitter's counters. Ten thousand such still add up to a 64-bit integer. */
export const MAX_COUNTER = 1_000_000_000_000;
/** Flags that a ledger tells apart. */
export const MAX_LEDGER_FLAGS = 500;
/** A caller's own id of an outcome: 1 to 64 visible ASCII characters. */
export const OUTCOME_ID_PATTERN = /^[!-~]{1,64}$/;
/** Characters of an exposure token, whose names are at most 128 and 64 long. */
export const MAX_EXPOSURE_TOKEN = 512;
/** Milliseconds, money: what is larger either way is a mistake, and a thousand million of them still add up exactly enough. */
export const MAX_OUTCOME_VALUE = 1e12;
/** Names of regions, clouds and POPs: opaque, printable ASCII. */
export const PLACE_PATTERN = /^[ -~]+$/;
/** The one base64url spelling of 16 bytes. */
export const PSEUDONYM_PATTERN = /^[\w-]{21}[AQgw]$/;
/** The last millisecond that a `Date` can tell. */
export const MAX_TIME = 8_640_000_000_000_000;
/** What lay with its emitter for longer is put aside instead of counted. */
export const MAX_EXPOSURE_AGE_MS = 30 * 24 * 60 * 60 * 1_000;
