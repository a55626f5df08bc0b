/** The bounds of the stream protocol (docs/stream.md), for servers and clients alike. Zod-free, as `limits.ts` is. */

/** One event as it is sent. A change that makes a larger one is told by a pointer. */
export const MAX_EVENT = 64 * 1024;
/** One line, as a client takes it: far above what a server sends. */
export const MAX_EVENT_LINE = 1024 * 1024;
/** How often a server says what a client ought to have. It is the heartbeat, too. */
export const BOOKMARK_INTERVAL_MS = 5_000;
/** Without one whole event for so long a stream is dead, whatever its connection says. */
export const SILENCE_MS = 15_000;
/** Bytes that wait for a client. One that has more of them is cut: it connects again, and is given what is newest. */
export const MAX_QUEUE = 1024 * 1024;
/** How often whoever has a stream looks for itself, too. */
export const POLL_INTERVAL_MS = 30_000;

/** Who a process is: made at its start, and never used again. */
export const INSTANCE_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
/** Names of regions and clouds: opaque, printable ASCII; empty where it is not known. */
export const LOCATION_PATTERN = /^[ -~]{0,64}$/;
/** Of a region of POPs, whose name is part of an instance's. */
export const REGION_PATTERN = /^[A-Za-z0-9._-]{1,60}$/;
/** An SDK's name and version. */
export const SDK_PATTERN = /^[ -~]{0,64}$/;

/** Acknowledgements of one request. */
export const MAX_ACKS = 1_000;
export const MAX_ACKS_BODY = 256 * 1024;
export const MAX_ACKS_DEPTH = 6;
/** How often an instance says what it has though nothing has changed. */
export const ACK_INTERVAL_MS = 5_000;
/** The code of a refusal, and its message. */
export const MAX_REFUSAL_CODE = 64;
export const MAX_REFUSAL_MESSAGE = 300;
/** Versions that an acknowledgement counts decisions of, and the time that it counts them over. */
export const MAX_DECISION_VERSIONS = 8;
export const DECISION_WINDOW_MS = 10_000;

/** An instance that was not heard for so long cannot be counted on. */
export const UNHEARD_MS = 15_000;
/** It still has to be where everybody else is for so long after it was last heard, unless it said goodbye. */
export const EXPECTED_MS = 10 * 60_000;
/** And is remembered, and holds the floor down, for so long. */
export const REMEMBERED_MS = 24 * 60 * 60_000;
export const MAX_INSTANCES = 20_000;
