/** SHA-256 without waiting: a Durable Object appends inside a transaction. */
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '#core/base64url';

/** The SHA-256 of bytes, base64url (43 characters). Injected where a runtime has a faster one. */
export type Sha256 = (bytes: Uint8Array) => string;

export const sha256: Sha256 = (bytes) => encodeBase64url(digest(bytes));
