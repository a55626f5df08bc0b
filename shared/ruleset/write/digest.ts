/** SHA-256 for writers, which need it without waiting. Readers use WebCrypto. */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64url } from '#core/base64url';
import type { JsonValue } from '#core/decision';
import { canonicalJson } from '#ruleset/canonical-json';

/** The digest of a text's UTF-8 form, base64url. */
export const digestOfText = (text: string): string => encodeBase64url(sha256(new TextEncoder().encode(text)));

/** The id of a variation: the same value has the same id in whatever flag and version (base64url, 8 characters). */
export const variationId = (value: JsonValue): string => digestOfText(canonicalJson(value)).slice(0, 8);
