/**
 * The bounds of everything written, stored or sent: one constant for writer and reader. Zod-free, so that edge bundles may
 * import it. Sizes are in UTF-16 code units, which for the ASCII of a ruleset are bytes.
 */

/** A whole ruleset. Workers KV takes 25 MiB a value. */
export const MAX_RULESET = 20 * 1024 * 1024;
export const MAX_HEADER = 4_096;
/** A view for EdgeWorkers, its header line included: EdgeKV's own helper streams what is larger, and an EdgeWorker has 1.5 MB in all. */
export const MAX_VIEW = 128_000;
/** The lines of an environment's SDK keys: with a header and the signing keys they fit into an item, as a view does. */
export const MAX_KEY_LINES = 120_000;
/** Flags and segments together. */
export const MAX_ENTRIES = 10_000;
/** One line: room for a segment of 100,000 members. */
export const MAX_LINE = 8 * 1024 * 1024;

export const MAX_KEY = 128;
/** Names of variations, rules, segments, layers, holdouts. */
export const MAX_NAME = 64;
export const MAX_SALT = 64;
/** Seeds are 32-bit. */
export const MAX_SEED = 0xffff_ffff;
export const MAX_KIND = 32;

export const MAX_VARIATIONS = 64;
/** Nesting of a variation's value. */
export const MAX_VALUE_DEPTH = 16;
export const MAX_VALUE = 32 * 1024;

export const MAX_PREREQUISITES = 16;
export const MAX_RULES = 100;
export const MAX_CLAUSES = 32;
export const MAX_CLAUSE_VALUES = 1_000;
export const MAX_CLAUSE_TEXT = 1_024;
export const MAX_PATH = 8;
export const MAX_PATH_NAME = 128;
export const MAX_TARGETS = 64;
export const MAX_TARGET_KEYS = 10_000;
export const MAX_MEMBERS = 100_000;
export const MAX_MEMBER = 256;
/** Numbers in a split's or a layer's list of ranges. */
export const MAX_RANGES = 512;

/** Longest chain of prerequisites, and of segments in segments, its end included. */
export const MAX_HEIGHT = 8;
/** Flags and segments that one evaluation may visit. */
export const MAX_WEIGHT = 1_000;

/** The largest step of a version's lower half that a reader takes in one go (an attacker's fast-forward is larger). */
export const MAX_VERSION_STEP = 1_000_000;
export const EPOCH = 0x1_0000_0000;

/** Format of the ruleset text. A reader refuses any other. */
export const RULESET_FORMAT = 1;

/** Namespace, dot, name: letters, digits, `_`, `-`; a key may also have no dot or several. */
export const KEY_PATTERN = /^[A-Za-z][\w-]*(?:\.[A-Za-z0-9][\w-]*)*$/;
export const NAME_PATTERN = /^[A-Za-z0-9][\w.-]*$/;
/** Not `user`: that is what no kind stands for. */
export const KIND_PATTERN = /^(?!user$)[a-z][A-Za-z0-9]*$/;
export const VARIATION_ID_PATTERN = /^[\w-]{8}$/;

/** A segment's key among the entries: this, then its name. */
export const SEGMENT_PREFIX = 'segment:';

/** A signing key's among the entries of the keys document: this, then its id. */
export const SIGNING_PREFIX = 'signing:';
export const SIGNING_PATTERN = /^signing:[#-[\]-~]{1,64}$/;

/** All of a list of environments, namespaces or actions. */
export const ALL = '*';
/** Namespaces, environments or trainings in one list. */
export const MAX_SCOPE = 256;
/** SHA-256 of a secret or of a change, base64url. */
export const DIGEST_PATTERN = /^[\w-]{43}$/;

/** Names that every JavaScript object already has: refused as keys, names and path parts. */
const UNSAFE_NAME =
  /^(?:__proto__|__(?:define|lookup)[GS]etter__|constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|prototype|to(?:Locale)?String|valueOf)$/;

/** Most names are shorter than the shortest of them, or longer than the longest: those cost no matching. */
export const isSafePart = (name: string): boolean => name.length < 7 || name.length > 20 || !UNSAFE_NAME.test(name);
