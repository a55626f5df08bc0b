/** `#core/base64url` as `main.js` has it (`scripts/akamai/bundle.ts`): by the platform's own, which takes less room than a loop. */
import { atob, btoa } from 'encoding';
import type * as core from '#core/base64url';

export const encodeBase64url: typeof core.encodeBase64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** `atob` takes spaces, padding and bits left over: what it gives must be what `text` is the one encoding of. */
export const decodeBase64url: typeof core.decodeBase64url = (text) => {
  try {
    const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(decoded, (one) => one.charCodeAt(0));
    return encodeBase64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
};
