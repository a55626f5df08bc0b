/** SHA-256 for writers, which need it without waiting. Readers use WebCrypto. */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '#ruleset/base64url';

/** The digest of a text's UTF-8 form, base64url. */
export const digestOfText = (text: string): string => encodeBase64url(sha256(new TextEncoder().encode(text)));
