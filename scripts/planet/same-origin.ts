/**
 * Keeps other pages of the person's browser away from the planet: a page whose name was made to resolve to this machine (DNS
 * rebinding) sends its own name as Host, and a page that posts across origins (CSRF) sends its own Origin.
 */
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

/** Undefined where the request may pass; else why it may not. */
export function foreignness(headers: Headers): string | undefined {
  const host = headers.get('host') ?? '';
  if (!LOOPBACK.test(host)) return 'the planet answers to 127.0.0.1 and localhost alone';
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}`) return 'the planet takes no requests from pages of other origins';
  return undefined;
}
