/** What approvals are bound to: the whole change, with the revisions that it was made on, its ticket and its time. */
import { canonicalJson } from '#ruleset/canonical-json';
import { digestOfText } from '#ruleset/write/digest';
import type { Change } from '#schema/control-command';

/** SHA-256 of the canonical JSON (RFC 8785), base64url. What is undefined is not there. */
export const changeHash = (change: Change): string => digestOfText(canonicalJson(JSON.parse(JSON.stringify(change))));
